"""Read training-set sizes and training compute of language models.

The file format is that of Epoch AI's database of AI models (epoch.ai/data, CC BY 4.0), so that a newer
download can be used unchanged. Rows are filtered:

* Text-only models: with images or audio, a datapoint may be an image.
* No fine-tuned or otherwise derived models: their size is that of the second training, or repeats the
  first.
* Only sizes rated confident (correct within a factor of about 3). The maximum of a year is selected for
  being large; among estimates that may be off by a factor of 10 or 30 it would be selected for its
  error.
* Only models from 2010 on: earlier sizes are those of n-gram models, which are estimated by counting.

Sizes are in datapoints, which for text are words or tokens, depending on the source. The column `Unit`,
or else the note on the size, states which, if known; words are converted to tokens.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from artesian.core.errors import DataError
from artesian.forecasting.series.csv_file import Field, conversion_factor, read_rows
from artesian.forecasting.series.time_series import BUNDLED_FOLDER, TimeSeries

MODELS_FILE = BUNDLED_FOLDER / "language_models_2025-06.csv"
FIRST_YEAR = 2010.0
SIZE = "Training dataset size (datapoints)"
COMPUTE = "Training compute (FLOP)"
NOTES = "Dataset size notes"
COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "Model": ("System", "Model name", "Name"),
    "Domain": ("Domains",),
    "Publication date": ("Release date", "Date"),
    SIZE: (
        "Training dataset size (total)",
        "Training dataset size (tokens)",
        "Training dataset size",
        "Dataset size (datapoints)",
    ),
    COMPUTE: ("Training compute (FLOPs)", "Training compute"),
    "Base model": ("Foundation model",),
    "Confidence": ("Confidence level",),
    NOTES: ("Training dataset size notes", "Dataset size (notes)"),
}
"""Names of the columns in older and newer tables. The column `Training dataset size (gradients)` is not
among them, because it counts each pass over the data."""

NON_TEXT_DOMAINS = {"Audio", "Biology", "Driving", "Earth science", "Games", "Image generation"}
NON_TEXT_DOMAINS |= {"Materials science", "Medicine", "Multimodal", "Recommendation", "Robotics"}
NON_TEXT_DOMAINS |= {"3D modeling", "Speech", "Video", "Vision"}


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModels:
    """Training sets and training compute of language models, sorted by publication date.

    Attributes:
        sizes: Training-set sizes in tokens, of models with a known size.
        compute: Training compute in FLOP, of models with a known compute.
        excluded: Number of excluded rows by reason.
    """

    sizes: TimeSeries
    compute: TimeSeries
    excluded: dict[str, int]

    def until(self, date: float) -> LanguageModels:
        """Return the models published up to `date`, a decimal year, inclusive."""
        return LanguageModels(self.sizes.until(date), self.compute.until(date), self.excluded)


def read_language_models(
    path: Path | None = None,
    *,
    today: dt.date | None = None,
    confidence: Collection[str] = ("Confident",),
    excluded_domains: Collection[str] = NON_TEXT_DOMAINS,
) -> LanguageModels:
    """Read training-set sizes and training compute of language models.

    Args:
        path: File in the format of Epoch AI's database; the bundled file if None.
        today: Latest publication date allowed; the current date if None.
        confidence: Values of the column `Confidence` to include; if the column is absent, all rows
            are included.
        excluded_domains: Values of the column `Domain` whose models are excluded; by default all but
            text.

    Raises:
        DataError: A value is invalid (the message names file, line and column), or no size remains.
    """
    file = MODELS_FILE if path is None else path
    latest = dt.date.today() if today is None else today
    metadata, rows = read_rows(file, ("Model", "Domain", "Publication date", SIZE), COLUMN_NAMES)
    rated = any("Confidence" in row for row in rows)
    excluded: Counter[str] = Counter()
    values: dict[str, list[tuple[float, float]]] = {SIZE: [], COMPUTE: []}
    for row in rows:
        reason = _exclusion_reason(row, confidence if rated else None, excluded_domains)
        if reason is None and SIZE not in row and COMPUTE not in row:
            reason = "size and compute unknown"
        if reason is not None:
            excluded[reason] += 1
            continue
        date = _date(row, file, latest)
        if date < FIRST_YEAR:
            excluded[f"before {FIRST_YEAR:.0f}"] += 1
            continue
        for column in (SIZE, COMPUTE):
            if column in row:
                values[column].append((date, _value(row, column)))
    if not values[SIZE]:
        reasons = ", ".join(f"{count} {reason}" for reason, count in excluded.items())
        raise DataError(
            f"{file} has no usable training-set size (excluded: {reasons or 'no rows'})",
            hint="give a table in the format of Epoch AI's database, with sizes rated Confident",
        )
    source = metadata.get("source", f"{file.name} (format of Epoch AI's database of AI models)")
    licence = metadata.get("licence", "not stated")
    return LanguageModels(
        _series("training set", values[SIZE], "tokens", source, licence),
        _series("training compute", values[COMPUTE], "FLOP", source, licence),
        dict(excluded),
    )


def domains_of(row: Mapping[str, Field]) -> set[str]:
    """Return the domains of a model, such as {'Language', 'Vision'}."""
    return {part.strip() for part in row["Domain"].text.split(",")} if "Domain" in row else set()


def unit_of(row: Mapping[str, Field]) -> str:
    """Return the unit of a size: that of column `Unit`, or 'words' or 'tokens' by the note on the size.

    A size is in words if its note mentions words and not tokens.
    """
    if "Unit" in row:
        return row["Unit"].text
    note = row[NOTES].text.lower() if NOTES in row else ""
    return "words" if re.search(r"\bwords?\b", note) and "token" not in note else "tokens"


def _exclusion_reason(
    row: dict[str, Field], confidence: Collection[str] | None, excluded_domains: Collection[str]
) -> str | None:
    """Return why a row is excluded; None if it is included."""
    domains = domains_of(row)
    if "Language" not in domains:
        return "not a language model"
    if not domains.isdisjoint(excluded_domains):
        return "not text-only"
    if "Base model" in row:
        return "derived from a base model"
    rating = row["Confidence"].text if "Confidence" in row else "missing"
    if confidence is not None and rating not in confidence:
        return f"confidence {rating}"
    return None


def _date(row: dict[str, Field], file: Path, today: dt.date) -> float:
    if "Publication date" not in row:
        raise DataError(
            f"{file}, line {next(iter(row.values())).line}: column 'Publication date' is empty",
            hint="give YYYY-MM-DD, or remove the row",
        )
    return row["Publication date"].date(today)


def _value(row: dict[str, Field], column: str) -> float:
    field = row[column]
    value = field.number()
    if value == 0:
        raise field.error("is 0", "leave the field empty if the value is unknown")
    if column == SIZE:
        location = f"{field.path}, line {field.line}, column 'Unit'"
        value *= conversion_factor(unit_of(row), "tokens", location)
    return value


def _series(
    name: str, values: list[tuple[float, float]], unit: str, source: str, licence: str
) -> TimeSeries:
    pairs = np.array(sorted(values), dtype=np.float64).reshape(-1, 2)
    return TimeSeries(name, pairs[:, 0], pairs[:, 1], unit, source, licence)
