"""References of a lone table to its own rows, such as the manager of an employee, after sampling.

Rows are sampled independently with identifiers of their own, so that a reference names nobody. When all
rows are complete, each that has a reference gets that of a row which is like the ones that rows of
its kind refer to in the source: a team lead of the same department. Nothing refers to itself, directly
or through others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.data.inference.inclusion import by_chance, returns
from artesian.data.inference.table_names import OWN_ROLES, STAFF_ROLES, stems
from artesian.data.schema import Kind
from artesian.data.table import Table

MIN_REFERENCES = 20
"""Minimum number of rows with a reference."""

MIN_RESOLVED = 0.99
"""Minimum fraction of the references that are identifiers of rows."""

MAX_LEVELS = 50
"""Maximum number of values of a column that may decide which rows are referred to."""

MIN_INFORMATION = 0.05
"""Minimum mutual information of a row and the row it refers to, in nats, for a column to decide."""

MAX_COLUMNS = 4
"""Maximum number of such columns, those with most information."""

PRIOR = 0.1
"""Number of rows, spread like all others, that are added to those of a value: what does not occur is
rare, not impossible."""

CHUNK, MAX_CANDIDATES = 1_000, 500
"""Number of rows that are assigned together, and of rows they may refer to."""

PROBE = 1_000
"""Number of references that show of most columns that they are none."""

MAX_TRIES = 20
"""How often another row is drawn in place of one that would close a circle."""

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SelfReference:
    """A column with identifiers of rows of the same table.

    Attributes:
        key: The column with the identifiers of the rows.
    """

    name: str
    key: str


def self_references(table: Table) -> tuple[SelfReference, ...]:
    """The columns that refer to rows of the table, and never back to where they began.

    Whole numbers up to the number of rows are identifiers of rows by chance: the number of a customer
    is that of an invoice, too. Of such the name has to be that of a row above or before.
    """
    schema, frame = table.schema, table.frame
    keys = [
        column.name
        for column in schema
        if column.kind is Kind.KEY
        and not column.nullable
        and frame[column.name].n_unique() == frame.height
    ]
    out = []
    for column in schema:
        series = frame[column.name]
        present = series.drop_nulls()
        if column.name in keys or len(present) < MIN_REFERENCES:
            continue
        if present.n_unique() < 2:
            continue
        for key in keys:
            values = frame[key]
            if values.dtype != series.dtype or not (
                values.dtype.is_integer() or values.dtype == pl.String
            ):
                continue
            if present.head(PROBE).is_in(values.implode()).mean() < MIN_RESOLVED / 2:  # type: ignore[operator]
                continue
            inside = present.is_in(values.implode())
            if float(inside.mean() or 0.0) < MIN_RESOLVED or returns(series, values):  # type: ignore[arg-type]
                continue
            if _names_a_row(column.name) or not by_chance(series, values):
                out.append(SelfReference(column.name, key))
                break
    return tuple(out)


def _names_a_row(name: str) -> bool:
    """Whether a name is that of a role: the manager, the parent, the row before."""
    roles = OWN_ROLES | STAFF_ROLES
    return any(roles & {*one.parts, "".join(one.parts)} for one in stems(name))


def with_self_references(synthetic: Table, source: Table, train: Table, seed: Seed) -> Table:
    """The synthetic rows with references to each other, where the source has them.

    Args:
        source: All rows: a part of them lacks some that are referred to.
        train: The rows from which is learned what refers to what.
    """
    frame = synthetic.frame
    for one in self_references(source) if len(synthetic) > 1 else ():
        rng = seed.child("references", one.name).rng()
        referred = _assigned(one, frame, train.frame, rng)
        chosen = pl.Series(referred >= 0)
        names = frame[one.key][np.maximum(referred, 0)].alias(one.name)
        frame = frame.with_columns(pl.when(chosen).then(names).alias(one.name))
    return replace(synthetic, frame=frame)


def _assigned(
    one: SelfReference, frame: pl.DataFrame, train: pl.DataFrame, rng: np.random.Generator
) -> Codes:
    """For each row the row that it refers to, -1 for none."""
    parent = _parents(one, train)
    refers = np.flatnonzero(parent >= 0)
    wanting = np.flatnonzero(frame[one.name].is_not_null().to_numpy())
    out = np.full(frame.height, -1, np.int64)
    if len(refers) < MIN_REFERENCES or not len(wanting):
        return out
    features = _features(frame, train, [one.name, one.key])
    candidates, popularity = _candidates(features, parent, len(wanting), rng)
    tables = _decisive(features, refers, parent[refers])
    shuffled = rng.permutation(wanting)
    for start in range(0, len(shuffled), CHUNK):
        rows = shuffled[start : start + CHUNK]
        some = rng.permutation(len(candidates))[:MAX_CANDIDATES]
        score = np.log(popularity[some]) + rng.gumbel(size=(len(rows), len(some)))
        for name, table in tables.items():
            own = features[name][1]
            score += table[own[rows]][:, own[candidates[some]]]
        order = np.argsort(-score, axis=1)[:, :MAX_TRIES]
        for row, choices in zip(rows.tolist(), candidates[some][order].tolist(), strict=True):
            out[row] = next((c for c in choices if not _leads_to(out, c, row)), -1)
    return out


def _leads_to(referred: Codes, start: int, row: int) -> bool:
    """Whether a row is, or refers to, another one, directly or through others."""
    while start >= 0:
        if start == row:
            return True
        start = int(referred[start])
    return False


def _parents(one: SelfReference, train: pl.DataFrame) -> Codes:
    """The position of the row that each row refers to, -1 for none."""
    places = pl.DataFrame({"key": train[one.key]}).with_row_index("place")
    named = pl.DataFrame({"key": train[one.name]})
    joined = named.join(places, on="key", how="left", maintain_order="left")
    return joined["place"].cast(pl.Int64).fill_null(-1).to_numpy()


def _features(
    frame: pl.DataFrame, train: pl.DataFrame, but: list[str]
) -> dict[str, tuple[Codes, Codes]]:
    """Codes of the values of columns of few values: of the training rows, and of the synthetic ones."""
    out = {}
    for name in train.columns:
        if name in but or train[name].dtype.is_temporal() or train[name].dtype.is_float():
            continue
        both = pl.concat([train[name].cast(pl.String), frame[name].cast(pl.String)])
        if 2 <= both.n_unique() <= MAX_LEVELS:
            codes = both.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
            out[name] = codes[: train.height], codes[train.height :]
    return out


def _candidates(
    features: dict[str, tuple[Codes, Codes]], parent: Codes, wanting: int, rng: np.random.Generator
) -> tuple[Codes, Floats]:
    """Synthetic rows that may be referred to, as many in proportion as in the source, and how popular
    each one is."""
    rows, counts = np.unique(parent[parent >= 0], return_counts=True)
    is_parent = np.zeros(len(parent), bool)
    is_parent[rows] = True
    size = len(next(iter(features.values()))[1]) if features else wanting
    weight = np.zeros(size)
    for real, synthetic in features.values():
        levels = int(max(real.max(), synthetic.max())) + 1
        among = np.bincount(real[is_parent], minlength=levels) + PRIOR / levels
        usual = np.bincount(real, minlength=levels) + 1.0
        # Columns repeat each other, so the one with the lowest ratio decides.
        ratio = np.log(among / among.sum()) - np.log(usual / usual.sum())
        weight = np.minimum(weight, ratio[synthetic])
    number = max(round(wanting * len(rows) / counts.sum()), 1)
    chosen = np.argsort(-(weight + rng.gumbel(size=size)))[: min(number, size)]
    return chosen, rng.choice(counts, len(chosen)).astype(float)


def _decisive(
    features: dict[str, tuple[Codes, Codes]], rows: Codes, parents: Codes
) -> dict[str, Floats]:
    """For the columns that decide which rows are referred to, the log ratio of the frequency of a value
    of the referred row, given that of the row, to its usual one: shape (values, values)."""
    scored: dict[str, tuple[float, Floats]] = {}
    for name, (real, synthetic) in features.items():
        levels = int(max(real.max(), synthetic.max())) + 1
        joint = np.zeros((levels, levels))
        np.add.at(joint, (real[rows], real[parents]), 1.0)
        usual = (joint.sum(axis=0) + PRIOR / levels) / (len(rows) + PRIOR)
        given = (joint + PRIOR * usual) / (joint.sum(axis=1, keepdims=True) + PRIOR)
        table = np.log(given) - np.log(usual)
        information = float((joint * table).sum()) / len(rows) - levels / len(rows)
        if information >= MIN_INFORMATION:
            scored[name] = information, table
    names = sorted(scored, key=lambda name: -scored[name][0])[:MAX_COLUMNS]
    return {name: scored[name][1] for name in names}
