"""The peers (GTO, DVC and the command line of AWS) in a virtualenv of their own that the bench makes."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

_PACKAGES = ("gto", "dvc", "dvc-s3", "awscli")
_FOLDER = Path(__file__).parent / ".venv"


def program(name: str) -> str:
    """The path of a peer's program; installed at the first use."""
    place = _FOLDER / "bin" / name
    if not place.exists():
        venv.create(_FOLDER, with_pip=True)
        python = str(_FOLDER / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *_PACKAGES], check=True)
    return str(place)


def versions() -> dict[str, str]:
    """Versions of the peers by name."""
    code = "import importlib.metadata as m, sys; print(*(m.version(name) for name in sys.argv[1:]))"
    program(_PACKAGES[0])
    done = subprocess.run(
        [str(_FOLDER / "bin" / "python"), "-c", code, *_PACKAGES], check=True, capture_output=True, text=True
    )
    return dict(zip(_PACKAGES, done.stdout.split(), strict=True))
