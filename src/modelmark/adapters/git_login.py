"""The login that Git gets from us where it found none of its own: the environment's token, for a site of GitHub alone.

A job that checks out without keeping credentials has a token in its environment, and Git does not look there. So Git is
told of a helper that answers for that one site: after a redirect to another host it is not asked. The token is in the
environment of that Git, never among its arguments; other helpers are left out then, so that none of them keeps it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from modelmark.adapters.github_login import environment_token
from modelmark.domain.forge import find_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = "MODELMARK_GIT_TOKEN"
# GitHub takes any name beside a token; this is the one that its own tools use.
_HELPER = (
    f'!f() {{ test "$1" = get && printf \'username=x-access-token\\npassword=%s\\n\' "${_VARIABLE}"; }}; f'
)


@dataclass(frozen=True)
class Login:
    """What to add to one run of Git: settings, and variables of its environment."""

    settings: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)


def find_login(url: str, environ: Mapping[str, str] = os.environ) -> Login | None:
    """The login for an address; None where it is not on GitHub, has a login of its own, or nobody named a token.

    Raises:
        InvalidInput: what should be a token is none; it is not shown.
    """
    repository = find_repository(url, environ)
    if (
        repository is None
        or not url.startswith(("https://", "http://"))
        or urlsplit(url).username is not None
    ):
        return None
    token = environment_token(repository.site, environ)
    if token is None:
        return None
    helper = f"credential.{repository.site.web}.helper={_HELPER}"
    return Login(("credential.helper=", helper), {_VARIABLE: token})
