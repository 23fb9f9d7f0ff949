"""Search for texts that are made of another column, with constant text around it, or begin with it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.texts import Template

PROBES = 200

MIN_ROWS = 8

MIN_LENGTH = 2
"""Minimum mean length of a value that may begin another by more than chance."""


def texts(frame: pl.DataFrame) -> Iterator[Template]:
    """Templates of one or two columns for every text column, the first that fits."""
    values_as_text = {
        s.name: s.cast(pl.String)
        for s in frame
        if s.dtype in (pl.String, pl.Categorical, pl.Enum) or s.dtype.is_integer()
    }
    targets = [s.name for s in frame if s.dtype == pl.String and s.drop_nulls().n_unique() > 1]
    if not targets:
        return
    sources = {
        name: values
        for name, values in values_as_text.items()
        if _mean_length(values.drop_nulls().head(PROBES)) >= MIN_LENGTH
        and values.drop_nulls().n_unique() > 1
    }
    for target in targets:
        template = _template(target, values_as_text[target], sources)
        if template is not None:
            yield template


def _template(target: str, actual: pl.Series, sources: dict[str, pl.Series]) -> Template | None:
    if actual.drop_nulls().head(PROBES).len() < MIN_ROWS:
        return None
    for source, values in sources.items():
        if source == target:
            continue
        both = pl.DataFrame({"t": actual, "s": values})
        head = both.head(PROBES).drop_nulls()
        if len(head) < PROBES // 2:
            head = both.drop_nulls().head(PROBES)
        if len(head) < MIN_ROWS or _mean_length(head["s"]) < MIN_LENGTH:
            continue
        if head["t"].equals(head["s"]):
            continue  # a copy
        if not head.select(pl.col("t").str.contains(pl.col("s"), literal=True)).to_series().all():
            continue
        both = both.drop_nulls()
        parts = head.select(
            before=pl.col("t").str.find(pl.col("s"), literal=True),
            length=pl.col("s").str.len_bytes(),
        )
        texts_, starts = head["t"].to_list(), parts["before"].to_list()
        ends = [a + b for a, b in zip(starts, parts["length"].to_list(), strict=True)]
        before = {
            t.encode()[:a].decode(errors="replace") for t, a in zip(texts_, starts, strict=True)
        }
        after = {t.encode()[b:].decode(errors="replace") for t, b in zip(texts_, ends, strict=True)}
        if len(before) != 1:
            continue
        (prefix,) = before
        constant = len(after) == 1
        start: tuple[str | tuple[str, str], ...] = (*([prefix] if prefix else []), ("", source))
        if constant:
            suffix = next(iter(after))
            start = (*start, *([suffix] if suffix else []))
        else:
            # What follows begins in the same way in every row: a space, a hyphen.
            common = _common_start(after)
            start = (*start, *([common] if common else []))
        template = Template(target, start, open=not constant)
        holds = template.holds(both.rename({"t": target, "s": source})).mean()
        if isinstance(holds, float) and holds >= MIN_HOLDS:
            return template
    return None


def _mean_length(texts: pl.Series) -> float:
    return float(texts.str.len_chars().sum()) / max(len(texts), 1)


def _common_start(texts: set[str]) -> str:
    """The longest text that all of `texts` begin with."""
    first, last = min(texts), max(texts)
    same = [a == b for a, b in zip(first, last, strict=False)]
    return first[: same.index(False)] if False in same else first[: len(same)]
