"""Search for texts that are made of other columns in the rows of some labels only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from artesian.relations.search.rows import Rows
from artesian.relations.search.texts import texts
from artesian.relations.texts import ConditionalTemplate, Template

HEAD = 1_000
"""Number of rows in which values of a column are looked for in a text."""

MAX_PROBES = 100
"""Number of values of a column that are first looked for in any text."""

MIN_ROWS = 10
"""Minimum number of rows of a label."""

MIN_WITHIN = 0.005
"""Minimum proportion of rows with a value of a column in the text, beyond two times that by
chance."""

MAX_LABELS = 40
"""Maximum number of labels of a category."""

MAX_CATEGORIES = 8
"""Maximum number of categories that may decide."""


def conditional_texts(
    rows: Rows,
    categories: Sequence[str],
    explained: Collection[str],
    decided: Collection[tuple[str, str]],
) -> Iterator[ConditionalTemplate]:
    """For each text that often has the value of another column in it, the labels of which it always is
    made of such columns.

    Of several categories, the one whose labels cover most rows decides, of two the one with fewer.

    Args:
        categories: Columns whose labels may decide.
        explained: Columns that are computed otherwise.
        decided: Columns with others that they determine in all rows.
    """
    frame = rows.both
    head = frame.head(HEAD)
    values = {
        s.name: s.cast(pl.String).drop_nulls().unique(maintain_order=True).to_list()
        for s in head
        if s.dtype in (pl.String, pl.Categorical, pl.Enum) or s.dtype.is_integer()
    }
    texts_of = [s.name for s in frame if s.dtype == pl.String and s.name not in explained]
    for target in texts_of:
        every = "\n".join(values[target])
        sources = [
            name
            for name, own in values.items()
            if name != target
            and (target, name) not in decided
            and any(value in every for value in own[:MAX_PROBES])
            and _is_within(head, target, name)
        ]
        if not sources:
            continue
        best: tuple[int, int, list[ConditionalTemplate]] = (0, 0, [])
        for label in [n for n in categories if n != target and (target, n) not in decided][
            :MAX_CATEGORIES
        ]:
            counts = frame.filter(frame[target].is_not_null())[label].drop_nulls()
            sizes = counts.cast(pl.String).alias("value").value_counts(name="rows").sort("value")
            if not 1 < sizes.height <= MAX_LABELS:
                continue
            frequent = sizes.filter(pl.col("rows") >= MIN_ROWS)
            labels_of: dict[Template, list[str]] = {}
            covered = 0
            for value, size in frequent.iter_rows():
                template = _of_label(frame, target, label, value, sources)
                if template is not None:
                    labels_of.setdefault(template, []).append(value)
                    covered += size
            chosen = [
                ConditionalTemplate(one, label, tuple(values)) for one, values in labels_of.items()
            ]
            best = max(best, (covered, -sizes.height, chosen), key=lambda one: one[:2])
        yield from best[2]


def _of_label(
    frame: pl.DataFrame, target: str, label: str, value: str, sources: list[str]
) -> Template | None:
    """The text in the rows of one label; None if it is not made of other columns, or is one of them."""
    chosen = frame.filter(frame[label].cast(pl.String) == value)
    part = chosen.select(target, *(name for name in sources if name != label))
    for one in texts(part, part.columns[1:]):
        if not one.open and len(one.parts) > 1:
            return one
    return None


def _is_within(head: pl.DataFrame, target: str, name: str) -> bool:
    """Whether values of a column are in the text of their row more often than in that of another."""
    both = pl.DataFrame({"text": head[target], "own": head[name].cast(pl.String)}).drop_nulls()
    both = both.filter((pl.col("own") != "") & (pl.col("own") != pl.col("text")))
    if both.height < MIN_ROWS:
        return False
    both = both.with_columns(other=pl.col("own").shuffle(seed=0))
    rates = both.select(
        pl.col("text").str.contains(pl.col("own"), literal=True).mean().alias("own"),
        pl.col("text").str.contains(pl.col("other"), literal=True).mean().alias("other"),
    )
    own, other = rates.row(0)
    return bool(own >= 2 * other + MIN_WITHIN)
