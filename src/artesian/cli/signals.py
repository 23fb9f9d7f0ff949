"""Signals that end a run: SIGINT, SIGTERM, SIGHUP and SIGQUIT.

The first one asks the work to stop at its next step, a second one interrupts it. Python calls handlers
only between its own instructions, so a thread watches beside: if the work is deep in a library and
does not stop in time, it removes what is unfinished and ends the process. The exit code is 128 plus
the number of the signal.

This module is imported before all others, and imports nothing that takes time.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
)
GRACE = 2.0
"""Seconds that the work has to stop by itself."""

SHOW_CURSOR = b"\x1b[?25h"


class _State:
    installed = False
    received: int | None = None
    stop: Callable[[], None] | None = None


def install() -> None:
    """Listen to the signals from now on; those that are ignored, as by nohup, stay so."""
    if _State.installed or threading.current_thread() is not threading.main_thread():
        return
    _State.installed = True
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)
    if sys.platform == "win32":  # no pipe can be waited for there
        return
    reader, writer = _pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader,), name="signals", daemon=True).start()


def uninstall() -> None:
    """Let signals end the process at once, when all is done."""
    if _State.installed:
        for number in SIGNALS:
            if signal.getsignal(number) is _handle:
                signal.signal(number, signal.SIG_DFL)


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first signal during the block, in place of an exception."""
    before, _State.stop = _State.stop, stop
    try:
        yield
    finally:
        _State.stop = before


def exit_code() -> int | None:
    """The exit code of a process that a signal ends; None if no signal was received."""
    return None if _State.received is None else 128 + _State.received


def _handle(number: int, _: FrameType | None) -> None:
    first, _State.received = _State.received is None, _State.received or number
    if not first or _State.stop is None:
        raise KeyboardInterrupt
    _State.stop()
    if sys.stderr is not None and sys.stderr.isatty():
        os.write(2, b"\nstopping at the next step; again to stop at once\n")


def _pipe() -> tuple[int, int]:
    """A pipe beside the standard streams: the number of one that is closed is opened again later."""
    import fcntl  # not on Windows

    ends = os.pipe()
    above = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return above[0], above[1]


def _watch(reader: int) -> None:
    """Wait for a signal, then for the end of the work, and end the process if it goes on."""
    number = 0
    while number not in SIGNALS:
        number = os.read(reader, 1)[0]
    ready, _, _ = select.select([reader], [], [], GRACE)
    if ready:  # a second signal, which interrupts the work
        time.sleep(GRACE / 2)
    _end(number)


def _end(number: int) -> NoReturn:
    try:
        # Not imported here: another thread may be importing it, and without it there is nothing.
        claim = sys.modules.get("artesian.core.claim")
        if claim is not None:
            claim.abandon()
        if os.isatty(2):
            os.write(2, b"\r" + SHOW_CURSOR)
        os.write(2, b"error: interrupted\nhint: no incomplete output was left\n")
    finally:
        os._exit(128 + number)
