"""Which addresses Git may be given, by which transports, and how one is shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

SAFE_PROTOCOLS = "https:ssh:file"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def allowed_protocols(url: str) -> str:
    """Transports that Git may use: encrypted or local ones; plain http and git only to this machine itself."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return SAFE_PROTOCOLS
    return f"{SAFE_PROTOCOLS}:http:git" if parts.hostname in _LOOPBACK else SAFE_PROTOCOLS


def check_url(url: str) -> str:
    """Return an address that may be given to Git: no option, no remote helper, no control character.

    Raises:
        InvalidInput: it is none.
    """
    if (
        not url
        or url.startswith("-")
        or "::" in url.split("/", maxsplit=1)[0]
        or any(ord(char) < 32 for char in url)
    ):
        raise InvalidInput(
            f"{shown(url)} is not the address of a Git repository", "use a path, https:// or ssh://"
        )
    scheme = url.partition("://")[0] if "://" in url else "file"
    if scheme in allowed_protocols(url).split(":"):
        return url
    if scheme in ("http", "git"):
        raise InvalidInput(
            f"{scheme}:// sends everything unencrypted and unauthenticated", "use https:// or ssh://"
        )
    raise InvalidInput(
        f"{shown(scheme)}:// is not a way to reach a Git repository", "use a path, https:// or ssh://"
    )


def without_password(url: str) -> str:
    """The address as it may be shown."""
    return re.sub(r"//[^/\s]*@", "//", url)
