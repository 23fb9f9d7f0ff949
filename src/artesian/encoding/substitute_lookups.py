"""What made-up categories determine: an entry for each in the lookup tables of dependencies.

In `product -> group`, every made-up product belongs to one group too. Its values are drawn from the
codes of its class: first that of the target with the smallest number of codes, then the others among
rows that agree in it, so that `group -> department` holds for made-up products as well.
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
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.steps import LookupStep, Step

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
    drawn: dict[str, NDArray[np.int64]] = {name: np.empty(len(own), np.int64) for name in targets}
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
    return {
        name: pl.DataFrame(
            {
                source: names,
                name: coded[name].decode(drawn[name].astype(np.uint16), rng.random(len(own))),
            }
        )
        for name in targets
    }


def _extend(table: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    types = table.schema
    added = entries.select(pl.col(n).cast(types[n], strict=False) for n in table.columns)
    return pl.concat([table, added]).unique(table.columns[0], keep="first").sort(table.columns[0])
