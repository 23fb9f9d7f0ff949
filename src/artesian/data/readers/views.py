"""Views of databases: the SQL of a stranger, which may never end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from artesian.core.errors import DataError
from artesian.data.readers.location import Location

MAX_SECONDS = 60.0
"""Seconds within which a view has to give its rows."""


@contextmanager
def time_limit(place: Location, table: str, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call `interrupt` from another thread when a view does not end.

    Raises:
        DataError: in place of the error that the interruption caused.
    """
    over = threading.Event()

    def stop() -> None:
        over.set()
        interrupt()

    timer = threading.Timer(MAX_SECONDS, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as reason:
        if over.is_set():
            raise _endless(place, table) from reason
        raise
    finally:
        timer.cancel()


def _endless(place: Location, table: str) -> DataError:
    return DataError(
        f"{place.shown}: the view {table!r} did not give its rows in {MAX_SECONDS:g} seconds",
        hint="write its rows to a table first, with CREATE TABLE ... AS SELECT * FROM the view",
    )
