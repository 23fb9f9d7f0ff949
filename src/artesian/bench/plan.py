"""The plan of a benchmark: methods, sources, seeds and metrics, validated before any trial runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.bench.methods import Method
from artesian.core import fingerprint
from artesian.core.atomic import is_stream
from artesian.core.errors import DataError, SchemaError, UsageError, did_you_mean
from artesian.core.run import Run
from artesian.data.read import read
from artesian.data.readers.location import located
from artesian.data.table import Table
from artesian.metrics import CATALOG, resolve_name
from artesian.runs.roles import with_target


def default_metrics() -> tuple[str, ...]:
    """Default metrics of a benchmark, as stated by their `Spec`."""
    return tuple(name for name, metric in CATALOG.items() if metric.spec.benchmark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that the methods are run on.

    Attributes:
        label: Its name in tables and charts.
        path: A file or 'file.db::table', absolute.
        target: Target column; None for that of the schema.
        sha256: Hash of the content of the file.
        rows, columns: Its size.
    """

    label: str
    path: str
    target: str | None
    sha256: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPlan:
    """The trials of a benchmark: every method on every source with every seed.

    Attributes:
        methods, sources, seeds: What the trials combine.
        metrics: Names of the metrics.
        rows: Maximum number of rows used from a source; None for all.
        holdout: Fraction of the rows that is not used for fitting, in (0, 1).
    """

    methods: tuple[Method, ...]
    sources: tuple[Source, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    rows: int | None = None
    holdout: float = 0.2

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON types."""
        return {
            "methods": [
                {"label": m.label, "name": m.name, "settings": dict(m.settings)}
                | ({"command": list(m.command)} if m.command else {})
                for m in self.methods
            ],
            "sources": [
                {
                    "label": s.label,
                    "file": Path(s.path).name,
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


def make_plan(
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
    """Make a valid plan: every source can be read, and every name exists.

    Args:
        methods: The methods.
        sources: Files, or 'file.db::table'.
        seeds: Number of seeds, counted from `first_seed`.
        metrics: Names in the catalog or short names; None for `default_metrics()`.
        targets: Target columns; a source uses the first that it has.
        rows: Maximum number of rows used from a source; None for all.
        holdout: Fraction of the rows that is not used for fitting, in (0, 1).
        run: Progress and cancellation.

    Raises:
        UsageError: A name is unknown or repeated, or a number is out of range.
        DataError: A source cannot be read.
        SchemaError: No source has one of the targets.
    """
    if seeds < 1:
        raise UsageError(f"{seeds} seeds are too few", hint="give 1 or more")
    if not 0 < holdout < 1:
        raise UsageError(
            f"a holdout of {holdout} is not possible",
            hint="give a fraction above 0 and below 1: the metrics need holdout rows",
        )
    if rows is not None and rows < 1:
        raise UsageError(f"{rows} rows of a source are too few", hint="give 1 or more")
    named = [
        resolve_name(name.strip()) for name in (default_metrics() if metrics is None else metrics)
    ]
    if not named:
        raise UsageError("there is no metric to compute", hint="see `artesian metrics`")
    target_names = list(targets)
    run = run or Run()
    parsed = []
    for path, label in _labelled(sources).items():
        run.check("read")
        parsed.append(_source(path, label, target_names))
    names = {name for _, columns in parsed for name in columns}
    for target in target_names:
        if target not in names:
            raise SchemaError(
                f"no source has the column {target!r}", hint=did_you_mean(target, sorted(names))
            )
    return BenchmarkPlan(
        methods=methods,
        sources=tuple(source for source, _ in parsed),
        seeds=tuple(range(first_seed, first_seed + seeds)),
        metrics=tuple(dict.fromkeys(named)),
        rows=rows,
        holdout=holdout,
    )


def read_source(source: Source) -> Table:
    """Read the table of a source, with its target.

    Raises:
        DataError: The file is not the one that the plan was made for.
    """
    with located(source.path) as location, fingerprint.unchanged(location.path) as digest:
        if digest != source.sha256:
            raise DataError(
                f"{location.path} was changed during the benchmark",
                hint="run the command again when no program writes to it, or use a copy",
            )
        return with_target(read(source.path), source.target)


def _source(path: str, label: str, targets: list[str]) -> tuple[Source, tuple[str, ...]]:
    with located(path) as location, fingerprint.unchanged(location.path) as digest:
        table = read(path)
    names = table.schema.names
    source = Source(
        label=label,
        path=path,
        target=next((name for name in targets if name in names), None),
        sha256=digest,
        rows=len(table),
        columns=len(names),
    )
    return source, names


def _labelled(sources: Sequence[str]) -> Mapping[str, str]:
    """Absolute path -> a short unique name, with as many folders as are needed."""
    if not sources:
        raise UsageError("there is no source", hint="give --sources a.csv,b.parquet")
    paths: list[str] = []
    for given in sources:
        if given == "-":
            raise UsageError(
                "standard input can be read only once", hint="save the rows in a file first"
            )
        if is_stream(Path(given)):
            raise UsageError(
                f"{given} is a pipe or a device, which can be read only once",
                hint="save the rows in a file first",
            )
        path = os.path.abspath(given)
        if path in paths:
            raise UsageError(
                f"the source {given!r} is given more than once", hint="give every source once"
            )
        paths.append(path)
    short = {path: _stem(path) for path in paths}
    taken = list(short.values())
    return {p: s if taken.count(s) == 1 else _longer(p, paths) for p, s in short.items()}


def _stem(path: str) -> str:
    file, _, table = path.partition("::")
    name = Path(file).name
    stem = name.lstrip(".").partition(".")[0] or name
    return f"{stem}::{table}" if table else stem


def _longer(path: str, paths: list[str]) -> str:
    """The shortest end of the path that no other path has."""
    pieces = Path(path).parts
    for n in range(1, len(pieces) + 1):
        end = "/".join(pieces[-n:])
        if sum(other == end or other.endswith("/" + end) for other in paths) == 1:
            return end
    return path
