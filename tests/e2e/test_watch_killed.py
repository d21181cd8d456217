"""A watch killed by SIGKILL every 50 ms through a swap, and through the way back, while a reader never stops reading.

The reader follows `current` once and reads everything below it: it must be one whole verified release each time, at
whichever moment the watch died; and the watch that is started after it ends well.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.support.trained import trained
from tests.support.watch_process import WatchProcess
from tests.support.world import World, files_below

pytestmark = pytest.mark.slow

_STEP = 0.05
_MOST = 60  # kills; three seconds of a watch's life
_NO = shlex.join([sys.executable, "-c", "import json, sys; sys.exit(json.load(sys.stdin)['version'] == '2')"])


class Reader:
    """Opens `current/` again and again, and keeps whatever was not one whole known release."""

    def __init__(self, target: Path, known: list[dict[str, bytes]]) -> None:
        self.bad: list[object] = []
        self.looks = 0
        self._target, self._known = target, known
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._over.is_set():
            self.looks += 1
            time.sleep(0.001)  # and the watch needs the processor, too
            try:
                found = files_below((self._target / "current").resolve(strict=True))
            except OSError as error:
                self.bad.append(error)
                continue
            if found not in self._known:
                self.bad.append({path: len(data) for path, data in found.items()})


@pytest.mark.parametrize(
    ("hook", "end", "live"),
    [("true", "m@2 (m#prod#2) is live", "two"), (_NO, "back to m@1 (m#prod#1)", "one")],
    ids=["through a swap", "through a swap and the way back"],
)
def test_whoever_reads_gets_one_whole_release_whenever_the_watch_dies(
    hook: str, end: str, live: str, empty_world: World, copies: NewWorld, tmp_path: Path
) -> None:
    world = copies(empty_world)
    world.release("one", "staging", "canary", "prod")
    before = tmp_path / "before"
    with WatchProcess(str(world.hub), before, "--on-change", hook) as watch:
        watch.until("m@1 (m#prod#1) is live")
    world.release("two", "staging", "canary", "prod")
    known = [trained("one"), trained("two")]
    kills = ends = 0
    for kills in range(1, _MOST + 1):
        target = tmp_path / f"srv-{kills}"
        shutil.copytree(before, target, symlinks=True)
        with Reader(target, known) as reader:
            with WatchProcess(str(world.hub), target, "--on-change", hook) as watch:
                watch.until("watching m@prod")  # before that it has only been loaded
                time.sleep((kills - 1) * _STEP)
            ends += end in watch.text
            if kills % 4 == 0 or ends:  # the one after it ends well
                with WatchProcess(str(world.hub), target, "--on-change", hook) as again:
                    again.until("watching m@prod")
                    _until(target, trained(live))
        assert reader.bad == [], f"killed after {(kills - 1) * _STEP:g} s"
        assert reader.looks > 0
        if ends == 2:
            break
    assert ends == 2, "the last ones were killed after they had come to the end"
    assert kills > 4


def _until(target: Path, wanted: dict[str, bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        memory = (target / ".modelmark" / "watch.json").read_text()
        if files_below((target / "current").resolve()) == wanted and ("#prod#2" in memory):
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to the end")
