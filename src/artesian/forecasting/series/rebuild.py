"""Rebuild the series of language models from a newer table of Epoch AI's database.

The output has the format and the rows of the bundled file, see `SOURCES.md`: language models from 2010
with a size or a compute, eight columns, and the unit of each size.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from artesian.core.atomic import staged_file
from artesian.core.errors import DataError
from artesian.forecasting.series.csv_file import Field, read_rows
from artesian.forecasting.series.language_models import (
    COLUMN_NAMES,
    COMPUTE,
    FIRST_YEAR,
    SIZE,
    domains_of,
    unit_of,
)

HEADER = (
    "Model",
    "Domain",
    "Publication date",
    SIZE,
    "Unit",
    COMPUTE,
    "Base model",
    "Confidence",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltSeries:
    """Result of `rebuild_series`.

    Attributes:
        rows: Number of models.
        newest: Publication date of the newest model.
        excluded: Number of excluded rows by reason.
        out: File that was written.
    """

    rows: int
    newest: dt.date
    excluded: Mapping[str, int]
    out: Path


def rebuild_series(
    source: Path, out: Path, *, today: dt.date | None = None, force: bool = False
) -> RebuiltSeries:
    """Write the series of language models from a table of Epoch AI's database.

    Args:
        source: CSV file of models, may be compressed by gzip.
        out: File to write, for `--data`.
        today: Latest publication date allowed; the current date if None.
        force: Replace an existing `out`.

    Raises:
        DataError: The table is invalid, or has no language model.
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    latest = dt.date.today() if today is None else today
    _, rows = read_rows(source, ("Model", "Domain", "Publication date", SIZE), COLUMN_NAMES)
    kept: list[tuple[float, list[str]]] = []
    excluded: Counter[str] = Counter()
    for row in rows:
        reason = _exclusion_reason(row)
        date = None if reason is not None else row["Publication date"].date(latest)
        if date is not None and date < FIRST_YEAR:
            reason = f"before {FIRST_YEAR:.0f}"
        if date is None or reason is not None:
            excluded[str(reason)] += 1
            continue
        kept.append((date, [_text(row, column) for column in HEADER]))
    if not kept:
        raise DataError(
            f"{source} has no language model with a size or a compute",
            hint="give the table of all models, epoch.ai/data/ai-models",
        )
    kept.sort(key=lambda pair: pair[0])
    newest = dt.date.fromisoformat((kept[-1][1][2] + "-01-01")[:10])
    with (
        staged_file(out, force=force, sources=[source]) as staged,
        staged.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write("# name: language models\n")
        file.write(
            f"# source: Epoch AI, 'Data on AI Models' (epoch.ai/data), {source.name}, newest model of "
            f"{newest.isoformat()}\n"
        )
        file.write("# licence: CC BY 4.0 (creativecommons.org/licenses/by/4.0); rows selected\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(values for _, values in kept)
    return RebuiltSeries(rows=len(kept), newest=newest, excluded=dict(excluded), out=out)


def _exclusion_reason(row: Mapping[str, Field]) -> str | None:
    if "Language" not in domains_of(row):
        return "not a language model"
    if SIZE not in row and COMPUTE not in row:
        return "size and compute unknown"
    return None if "Publication date" in row else "no publication date"


def _text(row: Mapping[str, Field], column: str) -> str:
    if column in (SIZE, COMPUTE) and column in row:
        return f"{row[column].number():.6g}"
    if column == "Unit":
        return unit_of(row) if SIZE in row else ""
    return row[column].text if column in row else ""
