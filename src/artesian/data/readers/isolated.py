"""Read a file in a process of its own, whose memory and CPU time are limited.

For formats that cannot be measured before a library takes memory for them. The process may end in any
way: by its limit, by a crash of the library, or with the table.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.catalog import load
from artesian.core.errors import ArtesianError, DataError
from artesian.core.memory import exceeded, max_memory
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.table import Origin

OUT_OF_MEMORY = ("memory allocation", "capacity overflow", "MemoryError", "out of memory")
"""What libraries say before they end for lack of memory."""

MIN_SECONDS, SECONDS_PER_MB = 8.0, 20.0
"""CPU time that reading a file may take: for any file, and for each megabyte."""

SIGXCPU = 24
"""The signal that ends a process beyond its CPU time, on Linux."""

CODE = f"from {__name__} import answer; answer()"


def read_isolated(reader: str, place: Location) -> Raw:
    """The table that `reader` reads.

    The limits are kept on Linux. Elsewhere a crash is contained, but memory and time are not limited.

    Args:
        reader: A function `(Location) -> Raw`, as 'module:function'; only the frame, the name, the
            format, the options and the notes of what it returns are kept.

    Raises:
        DataError: the reader raised it, took more memory than the limit, or crashed.
    """
    if not sys.executable:  # Python inside of another program
        return _called(reader, place)
    location = {**dataclasses.asdict(place), "path": str(place.path)}
    seconds = int(MIN_SECONDS + SECONDS_PER_MB * place.path.stat().st_size / 1e6)
    request = {"reader": reader, "location": location, "limit": max_memory(), "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "POLARS_MAX_THREADS": "1",
        },
        start_new_session=True,  # what a terminal sends to all is answered here
    )
    head, _, frame = done.stdout.partition(b"\n")
    if done.returncode == 0 and head:
        answer = json.loads(head)
        if "problem" in answer:
            raise DataError(answer["problem"], hint=answer["hint"])
        origin = Origin(**{**answer["origin"], "notes": tuple(answer["origin"]["notes"])})
        return Raw(frame=pl.read_ipc_stream(io.BytesIO(frame)), origin=origin)
    stderr = done.stderr.decode(errors="replace")
    if any(sign in stderr for sign in OUT_OF_MEMORY):
        raise exceeded(place.shown)
    if done.returncode == -SIGXCPU:
        raise place.broken(f"reading it takes more than {seconds} s, which is long for its size")
    raise place.broken("the library that reads it crashed")


def answer() -> None:
    """Read what standard input asks for, and write the table to standard output."""
    request = json.load(sys.stdin)
    location = request["location"]
    place = Location(**{**location, "path": Path(location["path"])})
    load(request["reader"])
    _limit(request["limit"], request["seconds"])
    frame: pl.DataFrame | None = None
    head: dict[str, Any]
    try:
        raw = _called(request["reader"], place)
        frame, head = raw.frame, {"origin": dataclasses.asdict(raw.origin)}
    except ArtesianError as problem:
        head = {"problem": problem.problem, "hint": problem.hint}
    except BaseException:  # a panic of a library is no Exception
        traceback.print_exc()
        sys.exit(1)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    if frame is not None:
        frame.write_ipc_stream(sys.stdout.buffer)


def _called(reader: str, place: Location) -> Raw:
    raw = load(reader)(place)
    assert isinstance(raw, Raw)
    return raw


def _limit(size: int, seconds: int) -> None:
    """Limit the memory and the CPU time of this process, and let it leave no core dump."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        return
    import resource

    taken = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    used = resource.getrusage(resource.RUSAGE_SELF)
    limits: dict[int, int] = {
        resource.RLIMIT_AS: taken + size,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(used.ru_utime + used.ru_stime) + seconds,
    }
    for kind, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # a lower limit is there already
            # Beyond the first limit of CPU time comes a signal, beyond the second the end.
            resource.setrlimit(kind, (value, value + (kind == resource.RLIMIT_CPU)))
