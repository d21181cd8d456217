"""What the first process of a container owes everybody in it: it takes in orphans, and passes signals on.

The kernel gives orphans (what a hook or Git left behind) to process 1, where each stays a zombie until somebody waits for
it; and it keeps from process 1 every signal that has no handler, SIGTERM too. Programs such as `tini` do this alone.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_PASSED_ON = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_FROM_THE_TERMINAL = 0x80  # SI_KERNEL: everybody in the foreground has got it already


def step_aside() -> None:
    """Go on in a child, and stay behind to wait for it and for orphans; returns in the child alone.

    To be called before there are threads. Its end is ours: its exit code, or 128 and the signal that killed it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_PASSED_ON, signal.SIGCHLD})
    child = os.fork()
    if child:
        _attend(child)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _attend(child: int) -> NoReturn:
    while True:
        came = signal.sigwaitinfo({*_PASSED_ON, signal.SIGCHLD})
        if came.si_signo != signal.SIGCHLD:
            if came.si_code != _FROM_THE_TERMINAL:
                os.kill(child, came.si_signo)
            continue
        ended = -1
        while ended:  # one signal may stand for many ends
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)
