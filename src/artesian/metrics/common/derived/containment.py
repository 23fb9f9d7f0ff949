"""Texts that contain the value of another column, such as a mail address with the name."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.derived.texts import MAX_CHARACTERS, counts
from artesian.metrics.common.derived.view import Feature, View

MAX_COLUMNS = 20
"""Maximum number of texts, and of columns that they may contain."""

_MIN_RATE = 0.5  # minimum proportion of the real texts that contain the value
_MIN_CHARACTERS = 2


def containment_features(texts: list[str], parts: list[str], sample: View) -> list[Feature]:
    """The texts that contain the value of a column in most real rows, and not by chance."""
    features = []
    for name in texts[:MAX_COLUMNS]:
        for part in parts[:MAX_COLUMNS]:
            if part == name:
                continue
            values = _parts(sample, part)
            if (values.str.len_chars().median() or 0) < _MIN_CHARACTERS:  # type: ignore[operator]
                continue
            rate = _mean(_contains(_whole(sample, name), values))
            chance = _mean(_contains(_whole(sample, name), values.gather(_rolled(values))))
            if rate >= _MIN_RATE and rate > 2 * chance:
                features.append(_feature(name, part))
    return features


def _mean(contains: Floats) -> float:
    """Mean of the present values; 0 without any."""
    present = contains[~np.isnan(contains)]
    return float(present.mean()) if len(present) else 0.0


def _feature(name: str, part: str) -> Feature:
    return Feature(
        f"containing {part!r}",
        (name, part),
        lambda view: _contains(_whole(view, name), _parts(view, part)),
    )


def _whole(view: View, name: str) -> pl.Series:
    return view.shared(
        ("lower", name),
        lambda: view.texts(name).str.slice(0, MAX_CHARACTERS).str.to_lowercase(),
    )


def _parts(view: View, name: str) -> pl.Series:
    """The first word of each value in small letters."""
    return view.shared(
        ("first word", name),
        lambda: view.texts(name).str.to_lowercase().str.extract(r"^\W*([\p{L}\d]+)"),
    )


def _contains(texts: pl.Series, parts: pl.Series) -> Floats:
    """Whether each text contains the part, NaN where one is missing. (rows,)"""
    frame = pl.DataFrame({"text": texts, "part": parts})
    return counts(frame.select(pl.col("text").str.contains(pl.col("part"), literal=True))["text"])


def _rolled(values: pl.Series) -> np.ndarray:
    return np.roll(np.arange(len(values)), 1)
