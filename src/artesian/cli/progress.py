"""Progress on standard error, and Ctrl-C as a request to stop at the next step."""

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

LABELS = {
    "read": "reading",
    "fit": "fitting",
    "sample": "sampling",
    "refine": "refining",
    "evaluate": "evaluating",
    "report": "rendering the report",
    "write": "writing",
}


@contextmanager
def running(seed: int, *, quiet: bool) -> Iterator[Run]:
    """A run that shows its progress, and stops cleanly on SIGINT or SIGTERM.

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
    """Explain why the first run of an installation takes longer."""
    from artesian.pipeline.diagnostics import kernels_cached

    if not quiet and not kernels_cached():
        print("the first run compiles kernels and takes several seconds longer", file=sys.stderr)


@contextmanager
def _stoppable(run: Run) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set signal handlers
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
    if not console.is_terminal:  # no moving bars in a log file
        yield
        return
    bars = Bars(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
    )
    tasks: dict[str, TaskID] = {}

    def show(progress: Progress) -> None:
        name = progress.task
        if name not in tasks:
            tasks[name] = bars.add_task(LABELS.get(name, name), total=None)
        done: Any = progress.done
        bars.update(tasks[name], completed=done, total=progress.total)

    run.on_progress = show
    with bars:
        yield
