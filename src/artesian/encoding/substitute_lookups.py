"""What made-up categories determine: an entry for each in the lookup tables of dependencies.

In `product -> group`, every made-up product belongs to one group too. Its values are drawn from the
codes of its class: first that of the target with the smallest number of codes, then the others among
rows that agree in it, so that `group -> department` holds for made-up products as well. Where products
and their codes determine each other, every made-up product has a made-up code of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.table import Table
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.substitutes import substitute_codes, substitute_texts
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.dependency_steps import LookupStep
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.steps import Step
from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS

Codes = NDArray[np.int64]
_LISTED = "\0listed"

Codecs = Mapping[str, NumberCodec | CategoryCodec]


def with_substitutes(chain: Chain, table: Table, coded: Codecs) -> Chain:
    """The transforms with lookup tables that list made-up categories.

    Args:
        table: The table with the modelled columns.
        coded: Codecs of these columns.
    """
    entries: dict[tuple[str, str], pl.DataFrame] = {}
    sources = dict.fromkeys(step.sources[0] for step in _lookups(chain) if _able(step, coded))
    for source in sources:
        targets = [s.target for s in _lookups(chain) if _able(s, coded) and s.sources[0] == source]
        entries |= {
            (source, t): rows for t, rows in _entries(source, targets, table, coded).items()
        }
    if not entries:
        return chain

    def extended(step: Step) -> Step:
        key = (step.sources[0], step.target)
        if not isinstance(step, LookupStep) or len(step.sources) != 1 or key not in entries:
            return step
        return replace(step, table=_extend(step.table, entries[key]))

    return Chain(
        tuple(
            replace(one, steps=tuple(extended(step) for step in one.steps))
            if isinstance(one, RelationSteps)
            else one
            for one in chain.transforms
        )
    )


def substituted(chain: Chain, coded: Codecs) -> list[str]:
    """Categories with suppressed values beside made-up ones: a made-up postal code has a town too.

    One of the two determines the other.
    """
    out: dict[str, None] = {}
    for step in _lookups(chain):
        if len(step.sources) != 1 or step.relation.values:
            continue
        for name, other in ((step.target, step.sources[0]), (step.sources[0], step.target)):
            codec, beside = coded.get(name), coded.get(other)
            if not isinstance(codec, CategoryCodec) or not isinstance(beside, CategoryCodec):
                continue
            if beside.substitutes and codec.replacement is not None and not codec.crowded:
                out[name] = None
    return list(out)


def _lookups(chain: Chain) -> list[LookupStep]:
    steps = (s for one in chain.transforms if isinstance(one, RelationSteps) for s in one.steps)
    return [step for step in steps if isinstance(step, LookupStep)]


def _able(step: LookupStep, coded: Codecs) -> bool:
    if len(step.sources) != 1 or step.relation.values or step.target not in coded:
        return False
    source = coded.get(step.sources[0])
    return isinstance(source, CategoryCodec) and source.substitutes > 0


def _entries(
    source: str, targets: list[str], table: Table, coded: Codecs
) -> dict[str, pl.DataFrame]:
    """For each target, the made-up categories of `source` and a value for each."""
    codec = coded[source]
    assert isinstance(codec, CategoryCodec)
    names = codec.values.tail(codec.substitutes)
    own = codec.code_of[-codec.substitutes :]
    rows = codec.encode(table.frame[source]).astype(np.int64)
    codes = {name: coded[name].encode(table.frame[name]).astype(np.int64) for name in targets}
    first = min(targets, key=lambda name: (coded[name].levels, targets.index(name)))
    rng = Seed(0).child("substitute lookups", source).rng()
    drawn: dict[str, Codes] = {name: np.empty(len(own), np.int64) for name in targets}
    for code in np.unique(own).tolist():
        of_class = np.flatnonzero(rows == code)
        here = np.flatnonzero(own == code)
        drawn[first][here] = codes[first][rng.choice(of_class, len(here))]
        for value in np.unique(drawn[first][here]).tolist():
            alike = of_class[codes[first][of_class] == value]
            if len(alike) < MIN_COUNT:
                alike = np.flatnonzero(codes[first] == value)
            some = here[drawn[first][here] == value]
            for name in targets:
                if name != first:
                    drawn[name][some] = codes[name][rng.choice(alike, len(some))]
    _agree(drawn, codes, coded)
    out: dict[str, pl.Series] = {}
    for name in targets:
        values = coded[name].decode(drawn[name].astype(np.uint16), rng.random(len(own)))
        reverse = Dependency((name,), source).holds(table.frame).drop_nulls()
        if int(reverse.sum()) >= MIN_HOLDS * len(reverse):
            values = _apart(values, drawn[name], coded[name])
        out[name] = values
    agreed = _consistent(pl.DataFrame({source: names, **out}), table, coded)
    return {name: agreed.select(source, name) for name in targets}


def _consistent(entries: pl.DataFrame, table: Table, coded: Codecs) -> pl.DataFrame:
    """Rows in which equal values of one column have equal values of those that it determines."""
    names = sorted(entries.columns[1:], key=lambda name: -coded[name].levels)
    done: set[tuple[str, str]] = set()
    for one in names:
        for other in names:
            rule = Dependency((one,), other)
            if one == other or (other, one) in done or not _is_text(entries, one, other):
                continue
            holds = rule.holds(table.frame).drop_nulls()
            if not len(holds) or int(holds.sum()) < MIN_HOLDS * len(holds):
                continue
            done.add((one, other))
            listed = rule.lookup(table.frame, MIN_COUNT, None).rename({other: _LISTED})
            types = entries.schema
            listed = listed.select(pl.col(one).cast(types[one]), pl.col(_LISTED).cast(types[other]))
            joined = entries.join(listed, on=one, how="left", maintain_order="left")
            first = (
                pl.when(pl.col(one).is_null())
                .then(other)
                .otherwise(pl.col(other).first().over(one))
            )
            entries = joined.with_columns(pl.coalesce(_LISTED, first).alias(other)).drop(_LISTED)
    return entries


def _is_text(frame: pl.DataFrame, *names: str) -> bool:
    return all(frame.schema[name] == pl.String for name in names)


def _agree(drawn: dict[str, Codes], codes: Mapping[str, Codes], coded: Codecs) -> None:
    """Set drawn codes that others determine in the table, the columns of most codes first."""
    names = sorted(drawn, key=lambda name: -coded[name].levels)
    tables = {
        (one, other): _determined(codes[one], codes[other], coded[one])
        for one in names
        for other in names
        if one != other
    }
    for at, target in enumerate(names):
        for place, source in enumerate(names):
            code = tables.get((source, target))
            # Of two columns that determine each other, the first decides.
            if code is not None and (place < at or tables[target, source] is None):
                listed = code[drawn[source]] >= 0
                drawn[target][listed] = code[drawn[source][listed]]


def _determined(source: Codes, target: Codes, codec: NumberCodec | CategoryCodec) -> Codes | None:
    """The target's code for each code of one category, -1 for others; None if they differ."""
    if not isinstance(codec, CategoryCodec):
        return None
    out = np.full(codec.levels, -1, np.int64)
    values = np.bincount(codec.code_of, minlength=codec.levels)
    single = np.zeros(codec.levels, bool)
    single[: len(values)] = values == 1
    single[list(codec.classes.values())] = False
    if codec.missing:
        single[-1] = False
    if codec.replacement is not None:
        single[codec.code_of[int(codec.values.index_of(codec.replacement) or 0)]] = False
    right = 0
    pairs, rows = np.unique(np.stack([source, target]), axis=1, return_counts=True)
    for code in np.flatnonzero(single).tolist():
        here = pairs[0] == code
        if rows[here].sum() >= MIN_COUNT:
            best = int(rows[here].argmax())
            out[code], right = pairs[1][here][best], right + int(rows[here][best])
    listed = int((out[source] >= 0).sum())
    return out if listed and right >= MIN_HOLDS * listed else None


def _apart(values: pl.Series, codes: Codes, codec: NumberCodec | CategoryCodec) -> pl.Series:
    """Values with a made-up category for each, of the same class while there are some."""
    if not isinstance(codec, CategoryCodec) or not codec.substitutes:
        return values
    left: dict[int, list[str]] = {}
    for code, text in zip(
        codec.code_of[-codec.substitutes :].tolist(),
        codec.values.tail(codec.substitutes).to_list(),
        strict=True,
    ):
        left.setdefault(code, []).append(text)
    further = _further(codec, len(codes) - codec.substitutes)
    chosen: list[str | None] = []
    for code in codes.tolist():
        free = left.get(code) or next(filter(None, left.values()), further)
        chosen.append(free.pop() if free else None)
    own = pl.Series(values.name, chosen, dtype=pl.String).cast(values.dtype)
    return own.zip_with(own.is_not_null(), values)


def _further(codec: CategoryCodec, number: int) -> list[str]:
    """Further made-up categories, of the form of those that there are."""
    if number <= 0 or codec.values.dtype != pl.String:
        return []
    like = dict.fromkeys(codec.values.tail(codec.substitutes).to_list(), MIN_COUNT)
    taken = set(codec.values)
    rng = Seed(0).child("further substitutes").rng()
    if any(" " in text for text in like):
        return list(substitute_texts(like, {}, taken, rng, number))
    return list(substitute_codes(like, taken, rng, number=number))


def _extend(table: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    types = table.schema
    added = entries.select(pl.col(n).cast(types[n], strict=False) for n in table.columns)
    return pl.concat([table, added]).unique(table.columns[0], keep="first").sort(table.columns[0])
