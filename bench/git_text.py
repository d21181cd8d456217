"""Writes what Git reads, in bulk: a fast-import stream, a pack of tags, packed-refs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

WHO = "Bench <bench@example.org>"
_TAG_TYPE = 4


def run(directory: Path, *args: str, stdin: bytes | None = None) -> str:
    """Git in a directory, without the user's configuration; raises where it fails."""
    done = subprocess.run(
        ["git", "-C", str(directory), *args], input=stdin, capture_output=True, check=False, env=environment()
    )
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode().strip()


def environment() -> dict[str, str]:
    """The environment of every measured process: a fixed author, and nobody's Git or DVC configuration."""
    hidden = (
        "GIT_",
        "DVC_",
        "PYTHON",
    )  # without PYTHONDONTWRITEBYTECODE, too: installed programs are compiled
    kept = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    name, email = WHO.rstrip(">").split(" <")
    people = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", name), ("EMAIL", email))
    }
    return {**kept, **people, "GIT_CONFIG_GLOBAL": "/dev/null", "DVC_NO_ANALYTICS": "1", "LC_ALL": "C"}


class Importer:
    """A stream of commits on main into `git fast-import`; `close` returns their ids in order."""

    def __init__(self, repository: Path) -> None:
        self._marks = repository / "bench-marks"
        self._process = subprocess.Popen(
            ["git", "-C", str(repository), "-c", "pack.compression=1", "fast-import", "--quiet",
             f"--export-marks={self._marks}"],
            stdin=subprocess.PIPE,
            env=environment(),
        )  # fmt: skip
        assert self._process.stdin is not None
        self._stream: IO[bytes] = self._process.stdin
        self.count = 0

    def commit(self, at: int, message: str, files: Mapping[str, bytes]) -> int:
        """Add a commit; returns its place in what `close` returns."""
        text = message.encode()
        head = (
            f"commit refs/heads/main\nmark :{self.count + 1}\ncommitter {WHO} {at} +0000\ndata {len(text)}\n"
        )
        parts = [head.encode(), text, b"\n"]
        for path, data in files.items():
            parts += [f"M 100644 inline {path}\ndata {len(data)}\n".encode(), data, b"\n"]
        self._stream.write(b"".join(parts))
        self.count += 1
        return self.count - 1

    def close(self) -> list[str]:
        """End the stream; the commit ids."""
        self._stream.close()
        if self._process.wait() != 0:
            raise RuntimeError("git fast-import failed")
        rows = (line.split(" ") for line in self._marks.read_text().splitlines())
        marks = {int(mark[1:]): oid for mark, oid in rows}
        self._marks.unlink()
        return [marks[number] for number in range(1, self.count + 1)]


def blob_id(data: bytes) -> str:
    """The id that Git gives to a file of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def write_tag_pack(repository: Path, tags: Mapping[str, bytes]) -> None:
    """Put tag objects by id into a repository as one pack: fast-import would write a loose ref for each."""
    digest = hashlib.sha1(usedforsecurity=False)
    with tempfile.TemporaryDirectory(dir=repository) as folder:
        plain = Path(folder)
        run(plain, "init", "--quiet", "--bare", ".")
        with (plain / "tags.pack").open("wb") as stream:
            for part in _pack(list(tags.values())):
                digest.update(part)
                stream.write(part)
            stream.write(digest.digest())
        run(plain, "index-pack", "-o", "objects/pack/pack-tags.idx", "tags.pack")
        (plain / "tags.pack").rename(plain / "objects" / "pack" / "pack-tags.pack")
        # A server that has ever run `git gc` stores most tags as what differs from the one before.
        into = run(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects/pack/pack")
        run(
            plain,
            "pack-objects",
            "--quiet",
            "--delta-base-offset",
            into,
            stdin="\n".join(tags).encode() + b"\n",
        )


def _pack(tags: Sequence[bytes]) -> Iterable[bytes]:
    yield b"PACK" + (2).to_bytes(4, "big") + len(tags).to_bytes(4, "big")
    for data in tags:
        size = len(data)
        header = bytearray([(_TAG_TYPE << 4) | (size & 15)])
        size >>= 4
        while size:
            header[-1] |= 0x80
            header.append(size & 0x7F)
            size >>= 7
        yield bytes(header) + zlib.compress(data, 1)


def write_packed_refs(git_dir: Path, refs: Mapping[str, str], tags: Iterable[tuple[str, str, str]]) -> None:
    """Write packed-refs: branches by name, and tags as (name, object id, commit)."""
    rows = {name.encode(): f"{oid} {name}\n" for name, oid in refs.items()}
    for name, oid, commit in tags:
        rows[b"refs/tags/" + name.encode()] = f"{oid} refs/tags/{name}\n^{commit}\n"
    text = "".join(row for _, row in sorted(rows.items()))
    (git_dir / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{text}")
