"""Find the column that says which first names are those of women, and which are those of men."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.name_pools import names_by_gender
from artesian.surrogates.name_styles import name_parts

MIN_SAME = 0.9
"""Minimum fraction of the known names beside a value that have one gender."""

MIN_NAMES = 2 * MIN_COUNT
"""Minimum number of persons with a known name beside each of the two values."""

MAX_VALUES = 6

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Genders:
    """A column whose values show the gender of a first name.

    Attributes:
        of: 0 for values of women and 1 for those of men, as texts; others show nothing.
    """

    column: str
    of: dict[str, int]

    @classmethod
    def learn(cls, frame: pl.DataFrame, firsts: pl.Series, locale: str) -> Self | None:
        """The first column of few values that decides on the gender of `firsts`; None if none does."""
        women, men = names_by_gender(locale)
        text = firsts.str.split(" ").list.first().str.split("-").list.first().str.to_lowercase()
        gender = pl.select(
            pl.when(text.is_in(list(women))).then(0).when(text.is_in(list(men))).then(1)
        ).to_series()
        if gender.count() < 2 * MIN_NAMES:
            return None
        for series in frame:
            few = series.dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum)
            if not (few or series.dtype.is_integer()) or not 2 <= _values(series) <= MAX_VALUES:
                continue
            pairs = pl.DataFrame({"value": series.cast(pl.String), "gender": gender}).drop_nulls()
            rates = pairs.group_by("value").agg(pl.len().alias("rows"), pl.col("gender").mean())
            of = {
                value: round(rate)
                for value, rows, rate in rates.sort("value").iter_rows()
                if rows >= MIN_NAMES and max(rate, 1 - rate) >= MIN_SAME
            }
            if set(of.values()) == {0, 1}:
                return cls(series.name, of)
        return None

    def values(self, frame: pl.DataFrame) -> NDArray[np.int64]:
        """0 for women and 1 for men, shape (rows,); `UNKNOWN` where nothing is shown."""
        text = frame[self.column].cast(pl.String)
        genders = text.replace_strict(self.of, default=UNKNOWN, return_dtype=pl.Int64)
        return genders.fill_null(UNKNOWN).to_numpy()

    def to_state(self) -> dict[str, Any]:
        """The column and its values, as JSON."""
        return {"column": self.column, "of": self.of}


def _values(series: pl.Series) -> int:
    return series.drop_nulls().n_unique()


def genders_of(
    frame: pl.DataFrame, texts: pl.DataFrame, roles: dict[str, str], locale: str
) -> Genders | None:
    """The column that the first names among the columns of a person follow.

    Args:
        texts: The columns that are generated.
        roles: Column -> role.
    """
    named = {role: name for name, role in reversed(roles.items())}
    if "first_name" in named:
        firsts = texts[named["first_name"]]
    elif "name" in named:
        parts = [None if t is None else name_parts(t)[0] for t in texts[named["name"]]]
        firsts = pl.Series(parts, dtype=pl.String)
    else:
        return None
    return Genders.learn(frame.drop(texts.columns), firsts, locale)
