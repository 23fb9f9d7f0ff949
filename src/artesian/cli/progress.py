"""Progress on standard error, and signals as a request to stop at the next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from artesian.cli.signals import stopping
from artesian.cli.terminal import visible, write_error
from artesian.core.kernels import notes
from artesian.core.run import Progress, Run, Seed
from artesian.core.temporary import sweep_temporary

LABELS = {
    "read": "reading",
    "fit": "fitting",
    "sample": "sampling",
    "refine": "refining",
    "check": "checking on masked values",
    "impute": "imputing",
    "score": "scoring",
    "evaluate": "evaluating",
    "cross-validation": "cross-validating",
    "report": "rendering the report",
    "write": "writing",
}


@contextmanager
def running(seed: int, *, quiet: bool, fits: bool = False) -> Iterator[Run]:
    """A run that shows its progress, and stops at its next step when a signal ends it.

    Args:
        fits: Whether a method is fitted, which compiles kernels in the first run of an installation.
    """
    if fits and not quiet:
        _announce_compiling()
    run = Run(seed=Seed(seed))
    sweep_temporary()
    try:
        with stopping(run.cancel), nullcontext() if quiet else _shown(run):
            yield run
    finally:
        for note in () if quiet else notes:
            write_error(f"note: {note}")


def _announce_compiling() -> None:
    """Explain why the first run of an installation takes longer."""
    from artesian.pipeline.diagnostics import kernels_cached

    if not kernels_cached():
        write_error("the first run compiles kernels and takes several seconds longer")


@contextmanager
def _shown(run: Run) -> Iterator[None]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
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
        TextColumn("remaining"),
        TimeRemainingColumn(),
        console=console,
    )
    tasks: dict[str, TaskID] = {}

    def show(progress: Progress) -> None:
        name = progress.task
        if name not in tasks:
            tasks[name] = bars.add_task(LABELS.get(name, visible(name)), total=None)
        done: Any = progress.done
        bars.update(tasks[name], completed=done, total=progress.total)

    run.on_progress = show
    with bars:
        yield
