"""Runs Git, and hides how: GitPython, a clean environment, a time limit, errors as sentences.

The one module that imports `git`. GitPython's high-level calls (clone, fetch, push with options) had seven advisories
in 2026, so we use its process runner alone and write the argument lists ourselves.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

from modelmark.adapters.git_addresses import SAFE_PROTOCOLS, allowed_protocols, without_password
from modelmark.adapters.git_settings import SETTINGS
from modelmark.domain.names import shown
from modelmark.errors import CouldNot, Denied, InvalidInput, NotFound, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import Popen

    from git import Git

    from modelmark.adapters.git_login import Login

# Of the user's GIT_* variables only those that say who they are, how they log in and which configuration is theirs:
# GIT_DIR, GIT_INDEX_FILE and their like (set inside hooks) would point us at another repository.
_KEPT = re.compile(
    r"GIT_(ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|SSL_.*|PROXY_COMMAND|HTTP_.*|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)"
    r"|(AUTHOR|COMMITTER)_(NAME|EMAIL)|EXEC_PATH|PYTHON_.*|TRACE.*)"
)
_DENIED = re.compile(
    r"permission denied|authentication failed|could not read (username|password)|access denied"
    r"|(returned error:|HTTP) 40[13]\b",
    re.IGNORECASE,
)
# What Git says where neither its configuration nor the address had a login that counts.
_NO_LOGIN = re.compile(r"could not read (Username|Password) for |Authentication failed for ")
_QUICK = 120.0
_NETWORK = 600.0
_LAST_WORDS = 5.0


@dataclass(frozen=True)
class Completed:
    """What a run of Git came to."""

    status: int
    out: bytes
    err: str


class GitRunner:
    """Git in one directory.

    Args:
        directory: a work tree or a Git directory.
        bare: treat the directory itself as the Git directory.
        local: never ask a remote, also not for objects that a repository with holes lacks.
    """

    def __init__(self, directory: Path, *, bare: bool = False, local: bool = False) -> None:
        self.directory = directory
        self._local = local
        self._git = _program()
        # GitPython would expand `~` and `$X` in a directory, and go to our own where it cannot enter one.
        place = str(directory.absolute())
        self._where = ["-C", place, *(["--git-dir", place] if bare else [])]
        self._logins: dict[str, Login] = {}

    def attempt(
        self, args: Sequence[str], stdin: bytes = b"", *, url: str | None = None, seconds: float | None = None
    ) -> Completed:
        """Run Git and return whatever it says.

        Args:
            args: the command and its arguments.
            stdin: its input.
            url: the remote that it speaks to. Plain protocols are allowed where that is this machine itself, and where
                Git has no login for it, it gets the one that the environment has.
            seconds: how long it may take, where that is not what one expects of Git here, or of a network.
        """
        limit = seconds or (_NETWORK if url else _QUICK)
        done = self._once(args, stdin, url, limit)
        if url and done.status != 0 and url not in self._logins and _NO_LOGIN.search(done.err):
            from modelmark.adapters.git_login import find_login  # noqa: PLC0415 - few need it

            login = find_login(url)
            if login is not None:
                self._logins[url] = login
                return self._once(args, stdin, url, limit)
        return done

    def _once(self, args: Sequence[str], stdin: bytes, url: str | None, seconds: float) -> Completed:
        _check_arguments(args)
        login = self._logins.get(url or "")
        pairs = [f"{key}={value}" for key, value in SETTINGS.items()] + list(login.settings if login else ())
        settings = [part for pair in pairs for part in ("-c", pair)]
        foreign = [name for name in os.environ if name.startswith("GIT_") and not _KEPT.fullmatch(name)]
        scrub = ["env", *(part for name in foreign for part in ("-u", name))] if foreign else []
        env = {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_ALLOW_PROTOCOL": allowed_protocols(url)
            if url
            else "none"
            if self._local
            else SAFE_PROTOCOLS,
            **(login.environ if login else {}),
        }
        with tempfile.TemporaryFile() as stream:
            stream.write(stdin)
            stream.seek(0)
            line = [*scrub, "git", *self._where, *settings, *args]
            started = self._git.execute(line, istream=stream, as_process=True, env=env)
            return _finish(started, args[0], seconds)

    def run(self, args: Sequence[str], stdin: bytes = b"") -> bytes:
        """Run Git for its output.

        Raises:
            CouldNot: it failed; the sentence has Git's own words.
        """
        done = self.attempt(args, stdin)
        if done.status != 0:
            raise CouldNot(f"git {args[0]} failed: {own_words(done.err)}")
        return done.out

    def text(self, args: Sequence[str], stdin: bytes = b"") -> str:
        """Run Git for one line of output."""
        return self.run(args, stdin).decode("utf-8", "replace").strip()


def _program() -> Git:
    if shutil.which("git") is None:
        raise CouldNot("Git is not installed, or not on PATH", "install Git 2.34 or newer")
    from git import Git  # noqa: PLC0415 - it fails where there is no Git, in words of its own

    return Git()


def _finish(started: Git.AutoInterrupt, what: str, seconds: float) -> Completed:
    """Wait for a process, and end it when its time is over or an exception passes through here (Ctrl-C).

    GitPython's own time limit is kept by `pgrep` or `ps`, which a slim image does not have, and it ends a process only
    when nobody refers to it any more; a traceback does.
    """
    process: Popen[bytes] | None = started.proc
    assert process is not None
    try:
        out, err = process.communicate(timeout=seconds)
    except TimeoutExpired:
        _end(process)
        return Completed(-1, b"", f"Timeout: git {what} did not end within {seconds:g} s")
    except BaseException:
        _end(process)
        raise
    return Completed(process.returncode, out, err.decode("utf-8", "surrogateescape"))


def _end(process: Popen[bytes]) -> None:
    process.terminate()  # and Git ends its helpers
    try:
        process.communicate(timeout=_LAST_WORDS)
    except TimeoutExpired:
        process.kill()


def _check_arguments(args: Sequence[str]) -> None:
    for part in args:
        try:
            impossible = b"\0" in os.fsencode(part)
        except UnicodeEncodeError:
            impossible = True
        if impossible:
            raise InvalidInput(f"{shown(part)} has a character that no name in Git can have", "correct it")


def find_root(directory: Path) -> Path:
    """The root of the work tree (or the bare repository) that a directory is in.

    Raises:
        NotFound: it is in none.
    """
    if not directory.is_dir():
        raise NotFound(f"there is no directory {shown(str(directory))}", "name the registry with -C DIR")
    runner = GitRunner(directory)
    done = runner.attempt(["rev-parse", "--show-toplevel"])
    if done.status == 0 and done.out.strip():
        return Path(os.fsdecode(done.out.removesuffix(b"\n")))
    if "dubious ownership" in done.err:
        raise CouldNot(
            f"Git does not trust the repository {directory}, because it belongs to somebody else",
            f"if you do: git config --global --add safe.directory {directory}",
        )
    bare = runner.attempt(["rev-parse", "--is-bare-repository", "--absolute-git-dir"])
    answer, _, place = bare.out.partition(b"\n")
    if bare.status == 0 and answer == b"true":
        return Path(os.fsdecode(place.removesuffix(b"\n")))
    raise NotFound(
        f"{directory.absolute()} is not in a Git repository",
        "go to a registry, or name one with -C DIR; `pull`, `watch`, `resolve` and `deployed` take its address with "
        "--registry URL; `modelmark init DIR` makes one",
    )


def own_words(err: str, limit: int = 300) -> str:
    """Git's message in one line, without progress, passwords and control characters."""
    lines = [line.strip() for line in err.replace("\r", "\n").split("\n")]
    said = [line for line in lines if re.match(r"(fatal|error|remote|ssh|git):|! \[|Timeout:", line)] or lines
    text = "; ".join(dict.fromkeys(line for line in said if line))
    return (
        "".join(char if char.isprintable() else "?" for char in without_password(text))[:limit]
        or "it gave no reason"
    )


def network_error(err: str, url: str) -> CouldNot:
    """The error that a failed fetch or push deserves: denied, no objects that may be taken, or unreachable."""
    place = without_password(url)
    if re.search(r"transport '\S*' not allowed", err):
        return Denied(
            f"{place} would need a transport that is switched off: {own_words(err)}",
            "use a path, https:// or ssh://",
        )
    if _DENIED.search(err):
        return Denied(f"{place} refuses these credentials: {own_words(err)}", "check your token or SSH key")
    if re.search(r"unadvertised object|not our ref", err):
        return CouldNot(
            f"{place} does not send single objects: {own_words(err)}",
            "its server needs Git protocol version 2",
        )
    if "fsck error in packed object" in err:
        return CouldNot(
            f"{place} sent objects that Git refuses: {own_words(err)}",
            "find the tag or branch that has the object, and have it deleted there",
        )
    return Unreachable(
        f"{place} cannot be reached: {own_words(err)}", "check the address and the network, and run it again"
    )
