"""`modelmark pull` without a clone: small and cold, large, many, from S3, again, and one file of ten.

Beside `cp -r`, which reads no digest and syncs nothing, and with a sync; and `dvc pull` in a clone that is there already,
which syncs nothing either: as it is, where hard links come without a look at a byte, and with `verify = true`, where it
reads their md5 as we read their SHA-256.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.cases.pull_s3 import from_s3
from bench.git_text import environment, run
from bench.leftovers import clear_aside, set_aside
from bench.measure import MODELMARK, Row, Setting, Timed, alternate, command, in_turn, peaks
from bench.peers import program
from bench.registries import Generated, Shape, ensure
from bench.servers import Counter, http_server
from bench.shipped import ship

_BYTES, _MEGABYTES = 100_000, 150.0
_COPY_AND_SYNC = 'cp -r "$0" "$1" && find "$1" -type f -exec sync {} +'
_DIGESTS = """\
import concurrent.futures, hashlib, pathlib, sys
def digest(path):
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(digest, [path for path in pathlib.Path(sys.argv[1]).rglob("*") if path.is_file()]))
"""


def measure(setting: Setting) -> Iterator[Row]:
    """All rows."""
    for shape in (Shape(10, 10),) if setting.quick else (Shape(10, 10), Shape(1000, 100)):
        yield _cold(setting, shape)
    made = ensure(setting.work, Shape(3, 1))
    size, many = (16, 200) if setting.quick else (512, 5000)
    for name, words, source in (
        (f"large-{size}", f"4 x {size} MiB", large_files(setting.work / f"pull-large-{size}", size)),
        (f"many-{many}", f"{many:,} x 20 kB", many_files(setting.work / f"pull-many-{many}", many)),
    ):
        ship(made, name, 1, source)
        yield from _whole(setting, made, f"{name}@1", words, source)
        yield _again(setting, made, f"{name}@1", words)
    yield _one_of_ten(setting, made)
    yield from from_s3(setting, large_files(setting.work / f"pull-large-{size}", size), f"4 x {size} MiB")


def large_files(folder: Path, size: int) -> Path:
    """Four files of so many MiB; generated once."""
    return _files(folder, {f"weights-{number}.bin": size << 20 for number in range(1, 5)})


def many_files(folder: Path, count: int) -> Path:
    """Files of 20 kB in fifty folders; generated once."""
    return _files(folder, {f"part-{number % 50:02}/shard-{number:05}.bin": 20_000 for number in range(count)})


def _files(folder: Path, sizes: dict[str, int]) -> Path:
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        for path, size in sizes.items():
            (part / path).parent.mkdir(parents=True, exist_ok=True)
            with (part / path).open("wb") as stream:
                for begin in range(0, size, 1 << 20):
                    stream.write(os.urandom(min(1 << 20, size - begin)))
        part.rename(folder)
    return folder


def _pull(
    made_url: str, reference: str, target: Path, *, again: bool = False, env: dict[str, str] | None = None
) -> Timed:
    def before() -> None:
        if not again:
            set_aside(target)
        os.sync()

    line = [MODELMARK, "pull", reference, "--registry", made_url, "--to", str(target)]
    return command(line, target.parent, before, env)


def _cold(setting: Setting, shape: Shape) -> Row:
    """20 kB over HTTP, by somebody who has nothing yet; the peer makes the smallest clone that `dvc pull` takes."""
    made = ensure(setting.work, shape)
    source = _files(setting.work / "pull-small", {f"file-{number}.bin": 4_000 for number in range(5)})
    ship(made, "small", 1, source)
    target, clone = setting.work / "target", setting.work / "sparse"

    def before() -> None:
        shutil.rmtree(clone, ignore_errors=True)

    with http_server(made.hub.parent) as port:
        url = f"http://127.0.0.1:{port}/{made.hub.name}"
        sparse = ["git", "clone", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--sparse", url]
        peer = in_turn(
            command([*sparse, str(clone)], setting.work, before),
            command(
                ["git", "-C", str(clone), "sparse-checkout", "set", ".dvc", "models/small/1"], setting.work
            ),
            command([program("dvc"), "pull", "--quiet", "models/small/1/artifacts.dvc"], clone),
        )
        found = alternate(setting.runs, {"ours": _pull(url, "small@prod", target), "peer": peer})
        counter = Counter(port)
        _pull(f"http://127.0.0.1:{counter.port}/{made.hub.name}", "small@prod", target)()
        counter.close()
    note = f"{counter.received / 1000:,.0f} kB from Git, of 100 allowed"
    what = f"pull 20 kB, cold, http://, {shape.models * shape.versions:,} versions"
    peers = ("sparse clone without tags, dvc pull FILE", found["peer"])
    return Row(what, found["ours"], peers, 1.5, note, counter.received <= _BYTES)


def _whole(setting: Setting, made: Generated, reference: str, words: str, source: Path) -> Iterator[Row]:
    """Verified and synced, against a copy, and against DVC with each kind of link."""
    target, copy, clone = setting.work / "target", setting.work / "copy", setting.work / "dvc-pull"
    name = reference.partition("@")[0]
    shutil.rmtree(clone, ignore_errors=True)
    run(setting.work, "clone", "--quiet", str(made.hub), str(clone))
    site, own = setting.work / "dvc-site", setting.work / "dvc-hardlink"
    own.mkdir(exist_ok=True)
    (own / "config").write_text("[cache]\n    type = hardlink\n")

    def forget() -> None:
        for folder in (
            copy,
            clone / f"models/{name}/1/artifacts",
            clone / ".dvc/cache",
            clone / ".dvc/tmp",
            site,
        ):
            set_aside(folder)
        os.sync()

    def dvc_pull(kind: str, *, verify: bool = False) -> Timed:
        def before() -> None:
            forget()
            text = f"[cache]\n    type = {kind}\n['remote \"store\"']\n    verify = {verify}\n"
            (clone / ".dvc/config.local").write_text(text)

        line = [program("dvc"), "pull", "--quiet", f"models/{name}/1/artifacts.dvc"]
        return command(line, clone, before, {"DVC_SITE_CACHE_DIR": str(site)})

    found = alternate(
        setting.runs,
        {
            "ours": _pull(str(made.hub), reference, target),
            "linked": _pull(str(made.hub), reference, target, env={"DVC_GLOBAL_CONFIG_DIR": str(own)}),
            "cp": command(["cp", "-r", str(source), str(copy)], setting.work, forget),
            "synced": command(["sh", "-c", _COPY_AND_SYNC, str(source), str(copy)], setting.work, forget),
            "digests": command([sys.executable, "-c", _DIGESTS, str(source)], setting.work),
            "copy": dvc_pull("copy"),
            "hardlink": dvc_pull("hardlink"),
            "verified": dvc_pull("hardlink", verify=True),
        },
    )
    memory, note = _memory(setting, str(made.hub), reference)
    budget, copied = round(1.5 * found["cp"].median, 3), ("cp -r", found["cp"])
    links = f"verified; links into the storage; to read the same bytes for their SHA-256 alone: {found['digests']} s"
    yield Row(f"pull {words}, copy", found["ours"], copied, budget, f"verified and synced; {note}", memory)
    yield Row(f"pull {words}, hardlink", found["linked"], copied, budget, links)
    yield Row(f"pull {words}, copy", found["ours"], ("cp -r, and a sync of each file", found["synced"]))
    yield Row(f"pull {words}, copy", found["ours"], ("dvc pull FILE, copy, no sync", found["copy"]))
    yield Row(
        f"pull {words}, hardlink", found["linked"], ("dvc pull FILE, hardlink, unread", found["hardlink"])
    )
    verified = ("dvc pull FILE, hardlink, verify = true", found["verified"])
    yield Row(f"pull {words}, hardlink", found["linked"], verified)
    forget()
    shutil.rmtree(clone)
    clear_aside(setting.work)


def _again(setting: Setting, made: Generated, reference: str, words: str) -> Row:
    target = setting.work / "target"
    _pull(str(made.hub), reference, target)()
    found = alternate(setting.runs, {"ours": _pull(str(made.hub), reference, target, again=True)})
    return Row(f"pull {words} again, nothing new", found["ours"], None, 0.5, "one question to the registry")


def _one_of_ten(setting: Setting, made: Generated) -> Row:
    """Two versions that share nine of ten files."""
    size = (1 if setting.quick else 20) << 20
    one = _files(setting.work / f"pull-ten-{size}", {f"file-{number}.bin": size for number in range(10)})
    two, name = setting.work / f"pull-ten-{size}-other", f"ten-{size >> 20}"
    if not two.exists():
        shutil.copytree(one, two, copy_function=os.link)
        (two / "file-7.bin").unlink()
        (two / "file-7.bin").write_bytes(os.urandom(size))
    for number, source in ((1, one), (2, two)):
        ship(made, name, number, source)
    target = setting.work / "target"

    def before() -> None:
        shutil.rmtree(target, ignore_errors=True)
        _pull(str(made.hub), f"{name}@1", target)()

    line = [MODELMARK, "pull", f"{name}@2", "--registry", str(made.hub), "--to", str(target), "--json"]
    found = alternate(setting.runs, {"ours": command(line, setting.work, before)})
    before()
    done = subprocess.run(line, check=True, capture_output=True, env=environment())
    fetched = json.loads(done.stdout)["fetched"]
    note = f"{fetched / 1e6:.1f} MB fetched of {10 * size / 1e6:.0f} MB"
    return Row(
        "pull a version that differs in 1 of 10 files", found["ours"], None, 2.0, note, fetched == size
    )


def _memory(setting: Setting, url: str, reference: str) -> tuple[bool, str]:
    """The peak of a whole pull."""
    target = setting.work / "target"
    set_aside(target)
    own, children = peaks(["pull", reference, "--registry", url, "--to", str(target)], setting.work)
    words = f"{own:.0f} MB, its largest child {children:.0f} MB, of {_MEGABYTES:.0f} MB allowed"
    return max(own, children) <= _MEGABYTES, words
