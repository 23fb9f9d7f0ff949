"""How large the training sets of language models were, and how much compute went into them.

The file is in the form of Epoch AI's database of models (epoch.ai/data, CC BY 4.0), so a newer
download of it can be given as it is. Not every row counts:

* Only models of text alone: with pictures or sound in it, a datapoint may be a picture.
* No model built on another: its size is that of the second training, or repeats the first.
* Only sizes the database calls confident (right within a factor of about 3). A record is selected
  for being large: among guesses that may be off by a factor of 10 or 30, for being wrong.
* Only from 2010: the counts of n-gram models before were of text that was counted, not trained on.

Sizes are in datapoints, for text words or tokens as the source had them; a column `Unit` says which
where it is known, and words become tokens.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
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
NON_TEXT_DOMAINS = {"Audio", "Biology", "Driving", "Earth science", "Games", "Image generation"}
NON_TEXT_DOMAINS |= {"Materials science", "Medicine", "Multimodal", "Recommendation", "Robotics"}
NON_TEXT_DOMAINS |= {"3D modeling", "Speech", "Video", "Vision"}


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModels:
    """Language models in order of publication.

    Attributes:
        sizes: Tokens in the training set, of the models for which that is known.
        compute: FLOP of the training, of the models for which that is known.
        excluded: How many rows were not taken, by the reason.
    """

    sizes: TimeSeries
    compute: TimeSeries
    excluded: dict[str, int]

    def until(self, date: float) -> LanguageModels:
        """What had been published up to `date`, a decimal year."""
        return LanguageModels(self.sizes.until(date), self.compute.until(date), self.excluded)


def read_language_models(
    path: Path | None = None,
    *,
    today: dt.date | None = None,
    confidence: Collection[str] = ("Confident",),
) -> LanguageModels:
    """Read sizes and compute of language models.

    Args:
        path: A file in the form of Epoch AI's database; the one shipped if not given.
        today: No publication date may lie after it; the day of the call if not given.
        confidence: Which entries of the column `Confidence` to take; all if there is no column.

    Raises:
        DataError: naming file, line and column of what is wrong.
    """
    file = MODELS_FILE if path is None else path
    latest = dt.date.today() if today is None else today
    metadata, rows = read_rows(file, ("Model", "Domain", "Publication date", SIZE))
    rated = any("Confidence" in row for row in rows)
    excluded: Counter[str] = Counter()
    values: dict[str, list[tuple[float, float]]] = {SIZE: [], COMPUTE: []}
    for row in rows:
        reason = _exclusion_reason(row, confidence if rated else None)
        if reason is None and SIZE not in row and COMPUTE not in row:
            reason = "neither size nor compute known"
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
            f"{file} has no language model with a size to use ({reasons or 'no rows'})",
            hint="give Epoch AI's table of models, with sizes and their confidence",
        )
    source = metadata.get("source", f"{file.name} (form of Epoch AI's database of models)")
    licence = metadata.get("licence", "not stated")
    return LanguageModels(
        _series("training set", values[SIZE], "tokens", source, licence),
        _series("training compute", values[COMPUTE], "FLOP", source, licence),
        dict(excluded),
    )


def _exclusion_reason(row: dict[str, Field], confidence: Collection[str] | None) -> str | None:
    """Why a row is not taken."""
    domains = {part.strip() for part in row["Domain"].text.split(",")} if "Domain" in row else set()
    if "Language" not in domains:
        return "not of language"
    if domains & NON_TEXT_DOMAINS:
        return "not of text alone"
    if "Base model" in row:
        return "built on another model"
    rating = row["Confidence"].text if "Confidence" in row else "not rated"
    if confidence is not None and rating not in confidence:
        return f"confidence {rating}"
    return None


def _date(row: dict[str, Field], file: Path, today: dt.date) -> float:
    if "Publication date" not in row:
        raise DataError(
            f"{file}, line {next(iter(row.values())).line}: column 'Publication date' is empty",
            hint="fill it in as YYYY-MM-DD or take the line out",
        )
    return row["Publication date"].date(today)


def _value(row: dict[str, Field], column: str) -> float:
    field = row[column]
    value = field.number()
    if value == 0:
        raise field.error("is 0", "leave it empty if it is not known")
    if column == SIZE and "Unit" in row:
        value *= conversion_factor(
            row["Unit"].text, "tokens", f"{field.path}, line {field.line}, column 'Unit'"
        )
    return value


def _series(
    name: str, values: list[tuple[float, float]], unit: str, source: str, licence: str
) -> TimeSeries:
    pairs = np.array(sorted(values), dtype=np.float64).reshape(-1, 2)
    return TimeSeries(name, pairs[:, 0], pairs[:, 1], unit, source, licence)
