"""The first process of a container, where that is a command that lives long: buries the dead, and passes signals on.

Whatever loses its parent there (what a hook left, a helper of a Git that was ended) becomes a child of process 1, and stays
a zombie until that one waits for it. A program of ours cannot: it would take the ends of its own children away from those
who wait for them. So it goes on in a child.
"""

from __future__ import annotations

import os
import signal

_PASSED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def go_on_below() -> None:
    """Return in a child where this is process 1, and at once where it is not; before there is any thread."""
    if os.getpid() != 1:
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED)  # one that comes too early waits
    child = os.fork()
    if child != 0:
        _stay(child)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED)


def _stay(child: int) -> None:
    """Until the child ends, with whose exit code this ends, too; and with it the container."""
    for number in _PASSED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda got, _: os.kill(child, got))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED)
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
