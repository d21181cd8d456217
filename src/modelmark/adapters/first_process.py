"""What the first process of a container owes everybody in it: it takes in orphans, and passes signals on.

The kernel gives orphans (what a hook or Git left behind) to process 1, where each stays a zombie until somebody waits for
it; and it keeps from process 1 every signal that has no handler. Programs such as `tini` do this alone; so does this.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def step_aside() -> None:
    """Go on in a child, and stay behind to wait for it and for orphans; returns in the child alone.

    To be called before there are threads. Its end is ours: its exit code, or 128 and the signal that killed it.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    child = os.fork()
    if child:
        for one in _PASSED_ON:
            signal.signal(one, lambda number, _: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    if child:
        _wait_for(child)


def _wait_for(child: int) -> NoReturn:
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
