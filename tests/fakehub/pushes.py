"""What fakehub learns of a push: hooks of the bare repository tell the server, which asks the rules before Git takes it.

After Git has taken it, the server notes what GitHub would make of it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repos import git, hook

ASKED_BY_HOOKS = "/_hooks/pre-receive"
ZERO = "0" * 40

# Prints what the rules say, and refuses where one says anything; objects of the push are in a quarantine until then. The
# same hook runs after the push, when nothing can be refused any more.
_HOOK = """exec {python} -c '
import json, os, sys, urllib.request
names = ("FAKEHUB_TOKEN", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
told = {{"taken": {taken}, "refs": sys.stdin.read(), "bare": os.getcwd(), **{{name: os.environ.get(name, "") for name in names}}}}
with urllib.request.urlopen(os.environ["FAKEHUB"], json.dumps(told).encode(), timeout=30) as answer:
    no = json.load(answer)["no"]
for words in no:
    print("error: " + words, file=sys.stderr)
sys.exit(bool(no))
'"""


@dataclass(frozen=True)
class Moved:
    """A ref that a push creates, moves or deletes; object ids, all zeros for none."""

    old: str
    new: str
    ref: str


@dataclass(frozen=True)
class Push:
    """One push, before it is taken, or just after."""

    bare: Path
    token: str
    refs: tuple[Moved, ...]
    objects: dict[str, str]
    taken: bool = False

    def git(self, *args: str) -> str:
        """Git in the repository, with the objects of the push."""
        return git(self.bare, *args, env=self.objects)


def ask_before_push(bare: Path) -> None:
    """Let a repository ask the server; what is pushed to it by its path asks nobody."""
    for name, taken in (("pre-receive", False), ("post-receive", True)):
        ask = _HOOK.format(python=sys.executable, taken=taken)
        hook(bare, name, f'[ -z "$FAKEHUB" ] && exit 0\n{ask}')


def read_push(data: bytes) -> Push:
    told = json.loads(data)
    refs = tuple(Moved(*line.split(" ", 2)) for line in told["refs"].splitlines())
    objects = {name: told[name] for name in told if name.startswith("GIT_") and told[name]}
    return Push(Path(told["bare"]), told["FAKEHUB_TOKEN"], refs, objects, told["taken"])


assert os.sep == "/", "hooks are shell scripts"
