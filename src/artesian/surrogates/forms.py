"""Codes whose form follows a category: tracking numbers of each carrier, telephones of each country."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.makers import Maker, as_texts, maker_from_state, maker_state

MAX_VALUES = 30
"""Maximum number of values of the category."""

MAX_SIGNS = 8
"""Maximum number of signs per value of the category, as many as a form has by chance."""

MIN_ROWS = 2 * MIN_COUNT
"""Minimum number of people, or else of rows, with a value for a form of its own."""

DECIDED = 0.995
"""Minimum fraction of the codes whose sign only occurs with one value of the category, or with values
of the same form."""

OTHER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The form of codes by the values of a category.

    Attributes:
        of: Value -> position of its form among the makers.
    """

    column: str
    of: dict[str, int]
    makers: tuple[Maker, ...]

    @classmethod
    def learn(
        cls,
        frame: pl.DataFrame,
        name: str,
        maker_of: Callable[[pl.Series], Maker],
        people: pl.Series | None = None,
    ) -> Self | None:
        """The forms of the codes `name` by the category that decides most of them; None if none does.

        Args:
            maker_of: The generator of codes of one form.
            people: The person of each row: values of few people are not written down.
        """
        codes = as_texts(frame[name])
        best: tuple[str, dict[str, int]] | None = None
        for category in _categories(frame, name):
            for signs in _signs(codes):
                of = _groups(frame[category].cast(pl.String), signs, people)
                number = len(set(of.values()))
                if number > 1 and (best is None or number > len(set(best[1].values()))):
                    best = category, of
        if best is None:
            return None
        column, of = best
        form = _forms(frame[column].cast(pl.String), of)
        values = frame[name]
        makers = [
            maker_of(values.filter(pl.Series(form == at)).drop_nulls())
            for at in range(max(of.values()) + 1)
        ]
        return cls(column, of, tuple(makers))

    def of_rows(self, frame: pl.DataFrame) -> NDArray[np.int64]:
        """The form of each row, shape (rows,); `OTHER` where the category has another value."""
        return _forms(frame[self.column].cast(pl.String), self.of)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON; without any original code."""
        return {
            "column": self.column,
            "of": self.of,
            "makers": [maker_state(maker) for maker in self.makers],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        makers = tuple(maker_from_state(maker) for maker in state["makers"])
        return cls(state["column"], state["of"], makers)


def _categories(frame: pl.DataFrame, name: str) -> Iterator[str]:
    """Columns of few texts, with at least two that have enough rows."""
    for series in frame:
        if series.name == name or series.dtype not in (pl.String, pl.Categorical, pl.Enum):
            continue
        if 2 <= series.drop_nulls().n_unique() <= MAX_VALUES:
            yield series.name


def _signs(codes: pl.Series) -> Iterator[pl.Series]:
    """What may tell forms apart: where codes have digits and letters, and how they begin."""
    shape = codes.str.replace_all("[0-9]", "0").str.replace_all("[a-z]", "a")
    yield shape.str.replace_all("[A-Z]", "A")
    for length in (1, 2, 3, 4):
        yield codes.str.slice(0, length)


def _groups(category: pl.Series, signs: pl.Series, people: pl.Series | None) -> dict[str, int]:
    """The form of each value of a category: values with a common sign have the same one. Empty if the
    values do not tell the signs apart."""
    persons = pl.Series(range(len(signs))) if people is None else people
    pairs = pl.DataFrame({"value": category, "sign": signs, "person": persons})
    pairs = pairs.drop_nulls(["value", "sign"])
    counts = pairs.group_by("value").agg(pl.len(), people=pl.col("person").n_unique())
    counts = counts.filter(pl.col("people") >= MIN_ROWS).sort("value")
    values = counts["value"].to_list()
    pairs = pairs.filter(pl.col("value").is_in(values))
    if len(values) < 2 or pairs["sign"].n_unique() > MAX_SIGNS * len(values):
        return {}
    each = pairs.group_by("sign", "value").agg(rows=pl.len()).sort("sign", "value")
    # A sign that hardly any row of a value has is an error in writing.
    usual = each.join(counts, on="value").filter(pl.col("rows") >= (1 - DECIDED) * pl.col("len"))
    group = {value: at for at, value in enumerate(values)}
    for (_,), those in usual.group_by("sign", maintain_order=True):
        shared = [group[value] for value in those["value"]]
        group = {v: min(shared) if g in shared else g for v, g in group.items()}
    order = {g: at for at, g in enumerate(dict.fromkeys(group.values()))}
    of = {value: order[g] for value, g in group.items()}
    form = pl.col("value").replace_strict(of, return_dtype=pl.Int64)
    by_form = pairs.with_columns(form=form).group_by("sign", "form").len()
    agreeing = by_form.group_by("sign").agg(pl.col("len").max())["len"].sum()
    return of if agreeing >= DECIDED * pairs.height else {}


def _forms(category: pl.Series, of: dict[str, int]) -> NDArray[np.int64]:
    forms = category.replace_strict(of, default=OTHER, return_dtype=pl.Int64)
    return np.asarray(forms.fill_null(OTHER).to_numpy())
