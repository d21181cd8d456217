"""The first process of a container, where that is a command of ours: buries the dead, and passes signals on.

Whatever loses its parent there (what a hook left, a helper of a Git that was ended) becomes a child of process 1, and stays
a zombie until that one waits for it. A program of ours cannot: it would take the ends of its own children away from those
who wait for them. And the kernel keeps from process 1 every signal that it has no handler for, so a pull would not end
when it is told to. So it goes on in a child.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_PASSED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_BY_KERNEL = 0x80  # SI_KERNEL


def go_on_below() -> None:
    """Return in a child where this is process 1, and at once where it is not; before there is any thread."""
    if os.getpid() != 1:
        return
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, {*_PASSED, signal.SIGCHLD}
    )  # one that comes too early waits
    child = os.fork()
    if child != 0:
        _stay(child)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stay(child: int) -> NoReturn:
    """Until the child ends, with whose exit code this ends, too; and with it the container."""
    while True:
        came = signal.sigwaitinfo({*_PASSED, signal.SIGCHLD})
        if came.si_signo == signal.SIGCHLD:
            _bury(child)
        elif came.si_signo != signal.SIGINT or came.si_code != _BY_KERNEL:  # whose Ctrl-C has reached all
            os.kill(child, came.si_signo)


def _bury(child: int) -> None:
    """All who ended: one signal may stand for many."""
    ended = -1
    while ended:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
