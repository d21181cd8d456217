"""What this machine has, and how complete a clone on it is: the ports of `usecases/doctor_clone.py`."""

from __future__ import annotations

import re
from pathlib import Path

from modelmark.adapters.git import GitRunner, network_error
from modelmark.domain.names import shown
from modelmark.errors import CouldNot


class ThisMachine:
    """The programs on it."""

    def git_version(self) -> tuple[int, ...]:
        """See the port."""
        said = GitRunner(Path("/")).text(["version"])
        found = re.search(r"\d+(\.\d+)+", said)
        if found is None:
            raise CouldNot(f"{shown(said)} is no version of Git", "see which `git` is first on PATH")
        return tuple(map(int, found[0].split(".")))

    def sandbox(self) -> None:
        """See the port."""
        from modelmark.adapters.sandbox import ready  # noqa: PLC0415 - only where a gate runs code

        ready()

    def audit(self) -> None:
        """See the port."""
        from modelmark.adapters.inspection.package_index import find_pip_audit  # noqa: PLC0415 - as above

        find_pip_audit()


class ThisClone:
    """One repository on it."""

    def __init__(self, root: Path, remote: str | None, url: str) -> None:
        self._runner = GitRunner(root)
        self._remote = remote
        self._url = url

    def is_shallow(self) -> bool:
        """See the port."""
        return self._runner.text(["rev-parse", "--is-shallow-repository"]) == "true"

    def remote_tips(self, *refs: str) -> dict[str, str]:
        """See the port."""
        assert self._remote is not None, "there is nobody to ask"
        done = self._runner.attempt(["ls-remote", "--quiet", "--", self._remote, *refs], url=self._url)
        if done.status != 0:
            raise network_error(done.err, self._url)
        rows = (line.split("\t") for line in done.out.decode("utf-8", "replace").splitlines())
        return {row[1]: row[0] for row in rows if len(row) == 2}
