"""A file format that only tests know: columns of fixed width under a line of names."""

from __future__ import annotations

import polars as pl

from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.schema import Schema
from artesian.data.table import Origin
from artesian.data.writers.sink import Destination
from artesian.data.writers.value_format import as_text

WIDTH = 12


def read_fixed_width(location: Location) -> Raw:
    with location.open() as file:
        lines = file.read().decode().splitlines()[1:]
    rows = [[line[i : i + WIDTH].strip() for i in range(0, len(line), WIDTH)] for line in lines]
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    origin = Origin(name=location.name, format="fixed", options={"suffix": location.suffix})
    return Raw(frame=frame.with_columns(pl.all().replace("", None)), origin=origin, text=True)


def open_fixed_width(destination: Destination) -> FixedWidthSink:
    return FixedWidthSink(destination)


class FixedWidthSink:
    def __init__(self, destination: Destination) -> None:
        self._file = destination.path.open("w", encoding="utf-8")
        self._started = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        if not self._started:
            self._started = True
            self._file.write("#FIXED\n" + "".join(f"{n:{WIDTH}}" for n in frame.columns) + "\n")
        for row in as_text(frame, schema, {}).iter_rows():
            self._file.write("".join(f"{v or '':{WIDTH}}" for v in row) + "\n")

    def close(self) -> None:
        self._file.close()
