"""Progress on standard error, and Ctrl-C as a wish to stop at the next step."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from artesian.core.run import Progress, Run, Seed

WORDS = {
    "read": "reading",
    "fit": "fitting",
    "sample": "sampling",
    "judge": "judging",
    "report": "drawing the report",
    "write": "writing",
}


@contextmanager
def running(seed: int, *, quiet: bool) -> Iterator[Run]:
    """A run that shows how far it is, and stops cleanly on Ctrl-C or a polite kill.

    The first signal asks the work to stop at its next step; a second one interrupts at once.
    """
    run = Run(seed=Seed(seed))
    with _stoppable(run):
        if quiet:
            yield run
            return
        with _shown(run):
            yield run


def announce_compiling(*, quiet: bool) -> None:
    """Say why the first run of an installation takes longer, if this is it."""
    from artesian.pipeline.diagnostics import kernels_cached

    if not quiet and not kernels_cached():
        print("the first run compiles its kernels: it takes longer, once", file=sys.stderr)


@contextmanager
def _stoppable(run: Run) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may take signals; elsewhere the caller has his own way
        return

    def stop(number: int, _: FrameType | None) -> None:
        run.cancel()
        signal.signal(number, signal.default_int_handler)
        if sys.stderr.isatty():
            os.write(2, b"\nstopping at the next step; again to stop at once\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown(run: Run) -> Iterator[None]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:  # a log file is no place for a moving bar
        yield
        return
    bars = Bars(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
    )
    known: dict[str, TaskID] = {}

    def show(progress: Progress) -> None:
        name = progress.task
        if name not in known:
            known[name] = bars.add_task(WORDS.get(name, name), total=None)
        done: Any = progress.done
        bars.update(known[name], completed=done, total=progress.total)

    run.on_progress = show
    with bars:
        yield
