"""What shall be measured: read, checked and refused before anything is run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.bench.methods import Method
from artesian.core import fingerprint
from artesian.core.errors import SchemaError, UsageError, did_you_mean
from artesian.core.run import Run
from artesian.data.read import read
from artesian.data.readers.location import located
from artesian.data.table import Table
from artesian.metrics import CATALOG, full_name
from artesian.runs.roles import with_target


def default_metrics() -> tuple[str, ...]:
    """The metrics of a benchmark that names none: those whose `Spec` says so."""
    return tuple(name for name, metric in CATALOG.items() if metric.spec.benchmark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that the methods are run on.

    Attributes:
        label: How tables and charts call it.
        place: A file or 'file.db::table', absolute.
        target: The column that usefulness is judged by; None for what the judge finds.
        sha256: Hash of the file's content.
        rows, columns: Its size.
    """

    label: str
    place: str
    target: str | None
    sha256: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPlan:
    """What is wanted.

    Attributes:
        rows: Most rows of a source to use, drawn by the seed; None for all.
        holdout: Share of the rows that no method sees, in (0, 1).
    """

    methods: tuple[Method, ...]
    sources: tuple[Source, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    rows: int | None = None
    holdout: float = 0.2

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "methods": [
                {"label": m.label, "name": m.name, "settings": dict(m.settings)}
                | ({"command": list(m.command)} if m.command else {})
                for m in self.methods
            ],
            "sources": [
                {
                    "label": s.label,
                    "file": Path(s.place).name,
                    "target": s.target,
                    "sha256": s.sha256,
                    "rows": s.rows,
                    "columns": s.columns,
                }
                for s in self.sources
            ],
            "seeds": list(self.seeds),
            "metrics": list(self.metrics),
            "rows": self.rows,
            "holdout": self.holdout,
        }


def ordered(
    methods: tuple[Method, ...],
    sources: Sequence[str],
    *,
    seeds: int = 3,
    first_seed: int = 0,
    metrics: Iterable[str] | None = None,
    targets: Iterable[str] = (),
    rows: int | None = None,
    holdout: float = 0.2,
    run: Run | None = None,
) -> BenchmarkPlan:
    """An order that can be carried out: every source is read once, and every name is known.

    Args:
        seeds: How many seeds, counted from `first_seed`.
        metrics: Names as in the catalog, short forms allowed; None for `default_metrics()`.
        targets: Columns to predict; a source takes the first that it has.

    Raises:
        UsageError: an unknown or repeated name, or an impossible number.
        DataError: a source cannot be read.
        SchemaError: a target that no source has.
    """
    if seeds < 1:
        raise UsageError(f"{seeds} seeds cannot be run", hint="give 1 or more")
    if not 0 < holdout < 1:
        raise UsageError(
            f"a holdout of {holdout} of the rows is not possible",
            hint="give a share above 0 and below 1: the judge needs unseen rows",
        )
    if rows is not None and rows < 1:
        raise UsageError(f"{rows} rows of a source are too few", hint="give 1 or more")
    named = [
        full_name(name.strip()) for name in (default_metrics() if metrics is None else metrics)
    ]
    if not named:
        raise UsageError("there is no metric to take", hint="see `artesian metrics`")
    wanted = list(targets)
    run = run or Run()
    found = []
    for place, label in _labelled(sources).items():
        run.check("read")
        found.append(_source(place, label, wanted))
    names = {name for _, table in found for name in table}
    for target in wanted:
        if target not in names:
            raise SchemaError(
                f"no source has the column {target!r}", hint=did_you_mean(target, sorted(names))
            )
    return BenchmarkPlan(
        methods=methods,
        sources=tuple(source for source, _ in found),
        seeds=tuple(range(first_seed, first_seed + seeds)),
        metrics=tuple(dict.fromkeys(named)),
        rows=rows,
        holdout=holdout,
    )


def read_source(source: Source) -> Table:
    """The table of a source, with its target."""
    return with_target(read(source.place), source.target)


def _source(place: str, label: str, targets: list[str]) -> tuple[Source, tuple[str, ...]]:
    with located(place) as found:
        digest = fingerprint.of_file(found.path)
    table = read(place)
    names = table.schema.names
    source = Source(
        label=label,
        place=place,
        target=next((name for name in targets if name in names), None),
        sha256=digest,
        rows=len(table),
        columns=len(names),
    )
    return source, names


def _labelled(sources: Sequence[str]) -> Mapping[str, str]:
    """Absolute place -> a short name; where two files share one, as much of the path as is needed."""
    if not sources:
        raise UsageError("there is no source to run on", hint="give --sources a.csv,b.parquet")
    places: list[str] = []
    for given in sources:
        if given == "-":
            raise UsageError(
                "standard input can be read only once", hint="save the rows in a file first"
            )
        place = os.path.abspath(given)
        if place in places:
            raise UsageError(
                f"the source {given!r} stands more than once", hint="give every source once"
            )
        places.append(place)
    short = {place: _stem(place) for place in places}
    taken = list(short.values())
    return {p: s if taken.count(s) == 1 else _longer(p, places) for p, s in short.items()}


def _stem(place: str) -> str:
    path, _, table = place.partition("::")
    name = Path(path).name
    stem = name.lstrip(".").partition(".")[0] or name
    return f"{stem}::{table}" if table else stem


def _longer(place: str, places: list[str]) -> str:
    """The shortest end of the path that no other place has."""
    pieces = Path(place).parts
    for n in range(1, len(pieces) + 1):
        end = "/".join(pieces[-n:])
        if sum(other == end or other.endswith("/" + end) for other in places) == 1:
            return end
    return place
