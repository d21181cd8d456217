"""The hook of `modelmark watch`: have a server load the release that is visible now, and check that it did.

    modelmark watch m@prod --to /srv/model --on-change 'python reload.py http://127.0.0.1:8000'

Ends with 1 and a reason if the server does not serve exactly the release that this hook was told of; `watch` then
makes the release before visible again, and calls this once more, for that one. Needs nothing but Python.
"""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_PATIENCE = 25.0  # for a server that is still starting, and for each answer: together below the time limit of the hook


def reload(url: str) -> dict[str, str]:
    """Ask the server until it answers.

    Raises:
        SystemExit: it does not answer, or cannot load the release.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with urlopen(Request(f"{url}/reload", method="POST"), timeout=_PATIENCE) as answer:
                found: dict[str, str] = json.load(answer)
                return found
        except HTTPError as error:
            sys.exit(f"the server says {error.code}: {error.read(300).decode('utf-8', 'replace')}")
        except (OSError, HTTPException) as error:  # still starting, or stopped in the middle of an answer
            if time.monotonic() > end:
                sys.exit(f"the server does not answer: {error}")
            time.sleep(0.2)


def main() -> None:
    """Read what happened, reload, compare."""
    told = json.load(sys.stdin)
    served = reload(sys.argv[1])
    if served["manifest_sha256"] != told["manifest_sha256"]:
        sys.exit(f"told of version {told['version']}, and the server serves {served['version']}")


if __name__ == "__main__":
    main()
