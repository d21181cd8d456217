"""What a training runs in: its code in Git, its interpreter and packages, its machine, and its data.

Everything is read from files and from Git; nothing is started beside it, and no library is asked that would wake a GPU.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_remote import GitRemote, find_remote
from modelmark.adapters.strict_yaml import MappingNode, SequenceNode, parse_yaml
from modelmark.domain.names import shown
from modelmark.domain.training import Code
from modelmark.errors import InvalidInput, ModelmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.json_values import Json

_ROOT = Path("/")
_DIFF = (
    "diff",
    "--binary",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-indent-heuristic",
    "--diff-algorithm=myers",
    "--unified=3",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=none",
    "HEAD",
    "--",
)
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_PROCESSOR = re.compile(r"^(?:model name|Model|cpu model)\s*:\s*(.+)$", re.MULTILINE)
_GPU = re.compile(r"^Model:\s*(.+)$", re.MULTILINE)
_DRIVER = re.compile(r"Module\s+([0-9][0-9.]*)")


def code_of(folder: Path, *, below: bool) -> Code:
    """The state of the work tree that a folder is in; nothing of it outside of Git, and where Git cannot be asked.

    Args:
        folder: anywhere in it.
        below: changes count in the folder alone, else in the whole work tree.
    """
    where = "." if below else ":/"
    try:
        runner = GitRunner(folder)
        found = runner.attempt(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        commit = found.out.decode().strip()
        if found.status != 0 or not commit:
            return Code()
        status = runner.attempt(["status", "--porcelain", "--untracked-files=no", "--", where])
        dirty = bool(status.out.strip()) if status.status == 0 else None
        changes = runner.run([*_DIFF, where]) if dirty else b""
    except ModelmarkError:
        return Code()
    return Code(commit, dirty, hashlib.sha256(changes).hexdigest() if changes else "", _remote(runner))


def _remote(runner: GitRunner) -> str:
    try:
        return GitRemote(runner, find_remote(runner)).url
    except ModelmarkError:
        return ""  # there are several, and none is the one


def environment() -> dict[str, Json]:
    """Python, the operating system, and the packages that this process has imported."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "os": platform.system().lower(),
        "platform": platform.platform(),
        "packages": dict(_packages()),
    }


def _packages() -> Iterator[tuple[str, Json]]:
    """Distributions by name, with their versions; what is broken in an environment is left out, and ends no training."""
    try:
        known = metadata.packages_distributions()
    except (OSError, ValueError):  # one file of them all that is not UTF-8
        return
    imported = {name.partition(".")[0] for name in list(sys.modules)}
    names = {distribution for module in imported for distribution in known.get(module, ())}
    for name in sorted(filter(None, names), key=str.lower):
        with suppress(metadata.PackageNotFoundError):
            yield name, metadata.version(name)


def hardware(root: Path = _ROOT) -> dict[str, Json]:
    """Processor, memory and GPUs, as the kernel and NVIDIA's driver name them; `gpu` None = there is none to be seen."""
    cards = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    models = [found[1].strip() for card in cards if (found := _GPU.search(_text(card)))]
    driver = _DRIVER.search(_text(root / "proc/driver/nvidia/version"))
    processor = _PROCESSOR.search(_text(root / "proc/cpuinfo"))
    about: dict[str, Json] = {
        "cpu": processor[1].strip() if processor else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "memory_gb": _memory(_text(root / "proc/meminfo")),
        "gpu": ", ".join(models) or None,
    }
    return {**about, "gpu_driver": driver[1]} if driver and models else about


def _memory(text: str) -> float | None:
    found = re.search(r"^MemTotal:\s*([0-9]+) kB$", text, re.MULTILINE)
    return round(int(found[1]) * 1024 / 1e9, 1) if found else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def data_version_of(path: Path) -> str:
    """A name of data that means the same for ever: what a `.dvc` file says, else the SHA-256 of every byte.

    Raises:
        InvalidInput: there is no such file or directory, or it has something else than files.
    """
    if path.suffix == ".dvc" and path.is_file():
        return f"dvc:{_dvc_md5(path)}"
    if path.is_file():
        return f"sha256:{_sha256(path)}"
    if not path.is_dir():
        raise InvalidInput(
            f"there is no data at {shown(str(path), 400)}",
            "name a file, a directory or a .dvc file, or give data_version a hash or a tag",
        )
    listing = hashlib.sha256()
    for file in sorted(_files(path)):
        listing.update(
            f"{_sha256(file)}  {file.relative_to(path).as_posix()}\n".encode("utf-8", "surrogateescape")
        )
    return f"sha256:{listing.hexdigest()}"


def _files(root: Path) -> Iterator[Path]:
    """All files, through links to files as DVC makes them; a link to a directory would be left out in silence."""
    for folder, folders, files in os.walk(root):
        odd = [name for name in folders if (Path(folder) / name).is_symlink()]
        odd += [name for name in files if not (Path(folder) / name).is_file()]
        if odd:
            raise InvalidInput(
                f"{shown(str(Path(folder) / odd[0]), 400)} is neither a file nor a directory of its own",
                "give data_version a hash or a tag",
            )
        yield from (Path(folder) / name for name in files)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(
            f"{shown(str(path), 400)} cannot be read: {error.strerror}", "check its permissions"
        ) from error


def _dvc_md5(path: Path) -> str:
    tree = parse_yaml(path.read_bytes(), str(path))
    outs = tree.get("outs") if isinstance(tree, MappingNode) else None
    out = outs[0] if isinstance(outs, SequenceNode) and len(outs) == 1 else None
    md5 = str(out.get("md5", "")) if isinstance(out, MappingNode) else ""
    if not isinstance(out, MappingNode) or not _MD5.fullmatch(md5):
        raise InvalidInput(
            f"{shown(str(path), 400)} does not have one output with an md5",
            "name a file that `dvc add` wrote, or give data_version a hash or a tag",
        )
    data, size = path.parent / str(out.get("path", "")), str(out.get("size", ""))
    if data.is_file() and size.isdecimal() and data.stat().st_size != int(size):
        raise InvalidInput(
            f"{shown(data.name)} has {data.stat().st_size} bytes, and {shown(path.name)} says {size}: it is other data",
            f"dvc add {data.name}",
        )
    return md5
