"""The life of a model, told by the commands that people type: `make demo`.

Everything is real and on this machine: a bare Git repository as the remote, a folder as the DVC storage, and a clone
for each of four people. It ends with a folder to play in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODEL = "nlp-sentiment"
_MARK = ".modelmark-demo"


class Story:
    """Runs commands as people in their clones, and shows what they see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        self._env |= {
            "COLUMNS": "110",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig"),
        }

    def chapter(self, title: str, text: str = "") -> None:
        """Say what comes next."""
        print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")
        for line in text.splitlines():
            print(f"  {line}")

    def run(self, who: str, *words: str, fails: bool = False, quiet: bool = False) -> str:
        """One command of one person; returns what it wrote to stdout.

        Args:
            who: whose clone; empty = the folder itself.
            words: the command.
            fails: whether the story wants it to end with a "no".
            quiet: show the command alone.
        """
        print(f"  {who or 'setup':>9} $ {_shown(words)}", flush=True)
        done = subprocess.run(
            _resolved(words),
            cwd=self.folder / who,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if not quiet or (done.returncode != 0) != fails:
            for line in done.stdout.splitlines():
                print(f"            | {line}")
        if (done.returncode != 0) != fails:
            raise SystemExit(f"the demo stopped here: exit code {done.returncode}")
        return done.stdout


def _resolved(words: Sequence[str]) -> list[str]:
    """The command as this interpreter runs it: nobody needs to activate anything."""
    if words[0] == "modelmark":
        return [sys.executable, "-m", "modelmark", *words[1:]]
    if words[0] == "python":
        return [sys.executable, *words[1:]]
    return list(words)


def _shown(words: Sequence[str]) -> str:
    return " ".join(f"'{word}'" if any(char in word for char in " #^") else word for word in words)


def prepare(story: Story) -> None:
    """A remote, a new registry in it, and four clones."""
    story.chapter(
        "Four people, one remote", "Ada trains, Rob reviews, CI applies, Cleo serves. No server anywhere."
    )
    (story.folder / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n"
    )
    story.run("", "git", "init", "--quiet", "--bare", "--initial-branch=main", "remote.git", quiet=True)
    story.run("", "modelmark", "init", "ada", "--storage", "storage", quiet=True)
    _identify(story, "ada")
    for words in (
        ("add", "registry.yaml", "models", ".dvc", ".gitignore", ".gitattributes"),
        ("commit", "--quiet", "-m", "Start a model registry"),
        ("remote", "add", "origin", "../remote.git"),
        ("push", "--quiet", "-u", "origin", "main"),
    ):
        story.run("ada", "git", *words, quiet=True)
    for who in ("rob", "ci"):
        story.run("", "git", "clone", "--quiet", "remote.git", who, quiet=True)
        _identify(story, who)
    (story.folder / "cleo").mkdir()


def _identify(story: Story, who: str) -> None:
    """Give a clone its person, without showing it: that is no part of the story."""
    settings = {"user.name": who.capitalize(), "user.email": f"{who}@example.org", "commit.gpgsign": "false"}
    for key, value in {**settings, "tag.gpgsign": "false"}.items():
        subprocess.run(["git", "config", key, value], cwd=story.folder / who, check=True)


def train_and_register(story: Story, recipe: str, number: int) -> None:
    """Ada trains a version and registers it; Rob merges, CI applies."""
    out = story.folder / f"trained-{number}"
    print(
        f"  {'ada':>9} $ python -m examples.sentiment.train --recipe {recipe} --out ../trained-{number}",
        flush=True,
    )
    train = [sys.executable, "-m", "examples.sentiment.train", "--recipe", recipe, "--out", str(out)]
    subprocess.run(train, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    first = (
        ("--profile", "text-classifier", "--tag", "language=en", "--tag", "domain=reviews")
        if number == 1
        else ()
    )
    story.run("ada", "modelmark", "register", f"../trained-{number}", "--model", MODEL, *first)
    merge(story, f"register/{MODEL}-{number}")


def merge(story: Story, branch: str, *, quiet: bool = False) -> None:
    """Rob has the gate judge a branch and merges it; CI makes it true."""
    story.run("rob", "git", "fetch", "--quiet", quiet=True)
    story.run("rob", "modelmark", "check", "--head", f"origin/{branch}", quiet=quiet)
    story.run("rob", "git", "merge", "--quiet", "--no-ff", "--no-edit", f"origin/{branch}", quiet=True)
    story.run("rob", "git", "push", "--quiet", "origin", "main", quiet=True)
    story.run("ci", "modelmark", "apply", quiet=quiet)


def promote(story: Story, version: int, alias: str, reason: str, *, quiet: bool = False) -> None:
    """Ada asks, Rob merges."""
    branch = ask(story, version, alias, reason, quiet=quiet)
    merge(story, branch, quiet=quiet)


def ask(story: Story, version: int, alias: str, reason: str, *, quiet: bool = False) -> str:
    """Ada asks that an alias means a version; returns the branch."""
    said = story.run(
        "ada", "modelmark", "promote", f"{MODEL}@{version}", "--to", alias, "--reason", reason, quiet=quiet
    )
    return next(line for line in said.splitlines() if line.startswith("promote/"))


def show_page(story: Story, branch: str, name: str, *, fails: bool = False) -> None:
    """Rob opens the page that a pull request would show: the top of it here, all of it in a file."""
    story.run("rob", "git", "fetch", "--quiet", quiet=True)
    words = ("modelmark", "check", "--head", f"origin/{branch}", "--format", "markdown")
    page = story.run("rob", *words, fails=fails, quiet=True)
    (story.folder / name).write_text(page, "utf-8")
    lines = page.splitlines()
    shown = next((at for at, line in enumerate(lines) if line.startswith("```")), len(lines))
    for line in lines[:shown]:
        print(f"            | {line}")
    print(f"            | … {len(lines) - shown} more lines in {story.folder.name}/{name}, with the plots")


def serve(story: Story, text: str) -> None:
    """Cleo pulls what prod means, verified, and predicts with it; she has no clone."""
    remote = str(story.folder / "remote.git")
    story.run("cleo", "modelmark", "pull", f"{MODEL}@prod", "--to", "model", "--registry", remote)
    story.run("cleo", "python", "model/current/predict.py", text)


def tell(story: Story) -> None:
    """The whole story."""
    prepare(story)
    story.chapter("1. The first version", "A directory of artifacts becomes an immutable version.")
    train_and_register(story, "baseline", 1)
    story.chapter(
        "2. Into production", "staging, canary, prod: each a reviewed one-entry change that the gate judges."
    )
    promote(story, 1, "staging", "first version", quiet=True)
    promote(story, 1, "canary", "passes staging", quiet=True)
    promote(story, 1, "prod", "canary was quiet")
    serve(story, "a wonderful book, I loved every page")
    story.chapter(
        "3. A version that is better on average",
        "More data, but one domain is missing. The gate looks at slices.",
    )
    train_and_register(story, "wide", 2)
    promote(story, 2, "staging", "better overall", quiet=True)
    promote(story, 2, "canary", "better overall", quiet=True)
    refused = ask(story, 2, "prod", "better overall")
    show_page(story, refused, "page-of-2.md", fails=True)
    story.run("ada", "git", "push", "--quiet", "origin", "--delete", refused, quiet=True)
    story.chapter("4. A version that is better everywhere")
    train_and_register(story, "balanced", 3)
    promote(story, 3, "staging", "all domains are in", quiet=True)
    promote(story, 3, "canary", "all domains are in", quiet=True)
    better = ask(story, 3, "prod", "better on every slice", quiet=True)
    show_page(story, better, "page-of-3.md")
    merge(story, better)
    serve(story, "the kettle is not bad at all")
    story.chapter(
        "5. Three in the morning", "A rollback is a tag. Plain Git does it; nothing else is needed."
    )
    tag = f"{MODEL}#prod#3"
    story.run("rob", "git", "fetch", "--quiet", "origin", "refs/tags/*:refs/tags/*", quiet=True)
    story.run("rob", "git", "tag", "-a", tag, f"{MODEL}@v1^{{}}", "-m", "p95 latency doubled at the gateway")
    story.run("rob", "git", "push", "--quiet", "origin", tag)
    serve(story, "the kettle is not bad at all")
    story.chapter(
        "6. The morning after",
        "The files are behind the tags. They are brought up to date by review, with an incident.",
    )
    story.run("ci", "git", "fetch", "--quiet", "origin", "refs/tags/*:refs/tags/*", quiet=True)
    story.run("ci", "modelmark", "list")
    story.run("ci", "modelmark", "record")
    merge(story, f"record/{MODEL}-prod-3", quiet=True)
    story.chapter("7. What happened, and is everything what it says?")
    story.run("ci", "modelmark", "history", MODEL, "--alias", "prod")
    story.run("ci", "modelmark", "verify", "--all", "--content")


def fresh(folder: Path) -> Path:
    """An empty folder for the demo; only an earlier demo is ever replaced."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise SystemExit(f"{folder} exists and is not an earlier demo; move it away, or name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    return folder


def main() -> None:
    """Tell the story in `demo/`, or in the folder that the command line names."""
    folder = fresh(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "demo").resolve())
    started = time.monotonic()
    tell(Story(folder))
    print(f"\nThat took {time.monotonic() - started:.0f} s. Everything is still there; play on:")
    print(
        f"  export PATH={Path(sys.executable).parent}:$PATH && cd {folder / 'ada'} && git pull --quiet --tags"
    )
    print(f"  modelmark show {MODEL}@prod")
    print(f"  modelmark rollback {MODEL} --alias prod --to 3 --reason 'the gateway was to blame'")
    print("  modelmark --help")


if __name__ == "__main__":
    main()
