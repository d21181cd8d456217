"""Which token speaks for us on a site of GitHub: the one given, the environment's, or that of a `gh` that is logged in.

The names of the variables are those of `gh`, with its rule that a token for github.com is never one for a server of one's
own. What is found is shown to nobody, not even where it is wrong.
"""

from __future__ import annotations

import os
import re
from shutil import which
from typing import TYPE_CHECKING

from modelmark.adapters.processes import Limits, Program, run_limited
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.forge import Site

_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
_VARIABLES = {
    False: ("GH_TOKEN", "GITHUB_TOKEN"),
    True: ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
}
# What `gh` needs to find its configuration and the keyring of the system.
_PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "GH_CONFIG_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
)
_LIMITS = Limits(seconds=10, memory_mb=16384, output_mb=1)


def find_token(site: Site, given: str | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """The token for a site; None where there is none.

    Raises:
        InvalidInput: what is given has a character that no token has; it is not shown.
    """
    if given is not None:
        return _checked(given, "--token")
    return environment_token(site, environ) or _of_gh(site, environ)


def environment_token(site: Site, environ: Mapping[str, str] = os.environ) -> str | None:
    """The token for a site that a variable holds; None where none does.

    Raises:
        InvalidInput: it has a character that no token has; it is not shown.
    """
    name = next((name for name in _VARIABLES[site.own] if environ.get(name)), None)
    return _checked(environ[name], name) if name else None


def _checked(token: str, source: str) -> str:
    found = token.strip()
    if not _TOKEN.fullmatch(found):
        raise InvalidInput(
            f"what {source} holds is no token: it is empty, too long, or has a character that none has",
            "copy the token again, without spaces and line breaks",
        )
    return found


def _of_gh(site: Site, environ: Mapping[str, str]) -> str | None:
    """What `gh auth token` says; it ends with 1 where nobody is logged in."""
    program = which("gh", path=environ.get("PATH", os.defpath))
    if program is None:
        return None
    env = {name: environ[name] for name in _PASSED_ON if name in environ}
    command = [program, "auth", "token", "--hostname", site.host]
    try:
        done = run_limited(Program(command, env=env), _LIMITS)
    except CouldNot:
        return None
    found = done.out.decode("utf-8", "replace").strip()
    return found if done.status == 0 and _TOKEN.fullmatch(found) else None
