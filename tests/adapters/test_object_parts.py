"""A large object on its way: one process at a time brings it, and who is killed or frozen stops nobody."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modelmark.adapters import object_parts
from modelmark.adapters.object_cache import ObjectCache
from modelmark.errors import StorageError
from tests.adapters.test_object_cache import LARGE, Source, content


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache.open(tmp_path / "cache")


def test_the_lock_on_a_part_holds_over_processes_and_ends_with_them(
    cache: ObjectCache, tmp_path: Path
) -> None:
    program = (
        "import fcntl, os, sys, time; f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600);"
        "fcntl.flock(f, fcntl.LOCK_EX); os.write(f, b'z' * 5000); print('held', flush=True); time.sleep(60)"
    )
    part = cache.folder / "partial" / content(LARGE).sha256
    with subprocess.Popen([sys.executable, "-c", program, str(part)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        waiting = threading.Thread(target=cache.put, args=(content(LARGE), tmp_path / "one", Source(LARGE)))
        waiting.start()
        waiting.join(0.3)
        assert not (tmp_path / "one").exists()
        other.kill()
        waiting.join(60)
    assert (tmp_path / "one").read_bytes() == LARGE


def test_who_holds_a_part_and_does_not_go_on_is_not_waited_for(
    cache: ObjectCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_parts, "_HELD", 0.2)
    part = cache.folder / "partial" / content(LARGE).sha256
    with part.open("wb") as frozen:
        fcntl.flock(frozen, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match=f"another process holds {part} and brings nothing"):
            cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    assert (tmp_path / "one").read_bytes() == LARGE
