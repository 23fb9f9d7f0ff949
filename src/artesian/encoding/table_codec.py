"""A whole table as integer codes and back: the form in which every histogram method sees it.

Keys, texts and personal columns have no codes: surrogates generate them, and only whether they are
missing is modelled. `numeric` and `categorical` define the codes. Columns that are tied to others are
first replaced by columns that can be modelled freely (`transforms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import ConditionError, UsageError
from artesian.core.run import Seed
from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.frames import frame_of
from artesian.data.inference.header_words import header_roles
from artesian.data.nearby import nearest
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.encoding.categorical import CategoryCodec, to_text
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.owners import learn_transforms, once_per_owner, persons
from artesian.encoding.protection import MISSING, TAIL, category_replacement, require_rows
from artesian.encoding.segments import MAX_CODES, Codes, Floats, code_dtype
from artesian.encoding.similarity import Profiles, code_features
from artesian.encoding.substitute_lookups import substituted, with_substitutes
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.templates import holding
from artesian.relations.declared import refuse_broken, rules_between_rows
from artesian.relations.rules import parse_rules
from artesian.surrogates.columns import SurrogateGroup
from artesian.surrogates.name_pools import towns_like

ColumnCodec = NumberCodec | CategoryCodec

SURROGATE_KINDS = (Kind.KEY, Kind.TEXT)

TRIAL = 4096
"""Rows in which constraints between rows are checked before a model is fitted."""

MIN_MAX_CODES = 32
"""Smallest maximum of codes for which distributions keep a shape."""


@dataclass(frozen=True, slots=True)
class TableCodec:
    """Encodes the modelled columns of a table and generates the others.

    Attributes:
        schema: Schema of decoded tables.
        origin: Where the training data came from.
        coded: Codec of each modelled column, in schema order. A nullable surrogate column is among them
            as a boolean: whether a value is present, unless that is a fact of the person.
        surrogates: The generated columns. They are generated together, so that the personal columns of
            a row describe one person.
        transforms: What is done to a table before its columns are encoded, and undone afterwards.
        template: A frame of no rows with the types of decoded tables.
    """

    schema: Schema
    origin: Origin
    coded: Mapping[str, ColumnCodec]
    surrogates: SurrogateGroup
    transforms: Chain
    template: pl.DataFrame

    @classmethod
    def from_data(
        cls,
        table: Table,
        *,
        protect: bool = True,
        max_codes: int = MAX_CODES,
        rows_per_bin: int = 1,
        owners: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn the codes of every column of `table`.

        Args:
            owners: To what each row belongs, -1 for nothing, shape (n,): values are counted once for
                each owner, so that one owner of many rows makes no value frequent. None counts rows.
            protect: Suppress categories with fewer than `MIN_COUNT` rows, and replace the extremes of
                numbers by a fitted tail.
            max_codes: Maximum number of codes of a column, `MIN_MAX_CODES` to 65,536; the default
                fits a byte.
            rows_per_bin: Minimum mean number of rows of a bin of numbers, not of times; see
                `NumberCodec.fit`.

        Raises:
            UsageError: `max_codes` is out of range.
            DataError: `protect`, and the table has fewer than `MIN_COUNT` rows.
        """
        if not MIN_MAX_CODES <= max_codes <= 65_536:
            raise UsageError(
                f"max_codes is {max_codes}",
                hint=f"give {MIN_MAX_CODES} to 65536; {MAX_CODES} fits a byte",
            )
        if protect:
            require_rows(table)
        coded: dict[str, ColumnCodec] = {}
        generated: list[Column] = []
        fitted: dict[str, pl.Series] = {}
        if owners is None or not protect:
            transforms, modelled = Chain.learn(table, protect=protect)
        else:
            transforms = learn_transforms(table, owners)
            modelled = transforms.forward(table)
        rows = transforms.independent_rows(table, modelled) if protect else {}
        if owners is not None and protect:
            rows |= {
                name: once_per_owner(modelled.frame[name], owners)
                for name in modelled.frame.columns
            }
        for column in modelled.schema:
            series = modelled.frame[column.name]
            if column.name in rows:
                series = series.filter(rows[column.name])
            fitted[column.name] = series
            if column.kind in SURROGATE_KINDS and series.null_count() < len(series):
                generated.append(column)
                if series.null_count():
                    coded[column.name] = CategoryCodec.fit(series.is_not_null())
            else:
                coded[column.name] = _fit_column(column, series, protect, max_codes, rows_per_bin)
        coded |= _grouped_by_rows(modelled, coded, fitted, protect, max_codes)
        towns = [c.name for c in modelled.schema if "city" in {c.role, *header_roles(c.name)}]
        invented = [n for n in towns if getattr(coded.get(n), "substitutes", 0)]
        again = dict.fromkeys((*substituted(transforms, coded), *invented))
        for name in again if protect else ():
            column = modelled.schema[name]
            names = towns_like(table) if name in towns else ()
            coded[name] = CategoryCodec.fit(
                fitted[name], max_codes=max_codes, role=column.role, whole=True, names=names
            )
        transforms = with_substitutes(transforms, modelled, coded)
        people = persons(owners) if protect and owners is not None else None
        surrogates = SurrogateGroup.learn(modelled.frame, generated, people=people)
        for name in surrogates.missing:
            del coded[name]
        schema = replace(
            _declared(table.schema, coded, surrogates),
            relations=holding(transforms.relations(table.schema.names), table),
        )
        template = _template(table, coded, surrogates)
        codec = cls(schema, table.origin, coded, surrogates, transforms, template)
        rules = rules_between_rows(table.schema)
        if rules:
            refuse_broken(rules, codec._trial(table))
        return codec

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modelled columns, p of them."""
        return tuple(self.coded)

    @property
    def levels(self) -> NDArray[np.int64]:
        """Number of codes of each modelled column, shape (p,)."""
        return np.array([codec.levels for codec in self.coded.values()], np.int64)

    @property
    def ordered(self) -> NDArray[np.bool_]:
        """Whether the order of each modelled column's codes is that of its values, shape (p,)."""
        return np.array([codec.ordered for codec in self.coded.values()], bool)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Whether the last code of each modelled column means a missing value, shape (p,)."""
        return np.array([codec.missing for codec in self.coded.values()], bool)

    def empty(self) -> Table:
        """A table of no rows with the schema and the types of every decoded table."""
        return Table(self.template, self.schema, self.origin)

    def encode(self, table: Table) -> Codes:
        """Codes of the modelled columns, shape (p, n); uint8 unless a column has more than 256."""
        dtype = code_dtype(int(self.levels.max(initial=0)))
        table = self.transforms.forward(table)
        out = np.empty((len(self.coded), len(table)), dtype)
        for row, (name, codec) in enumerate(self.coded.items()):
            series = table.frame[name]
            out[row] = codec.encode(
                series.is_not_null() if name in self.surrogates.names else series
            )
        return out

    def coded_table(self, table: Table) -> CodedTable:
        """The codes of `encode`, with the facts of their columns."""
        return CodedTable(self.names, self.encode(table), self.levels, self.ordered, self.missing)

    def decode(
        self,
        codes: Codes,
        uniforms: Floats,
        first_row: int,
        seed: Seed,
        conditions: Mapping[str, ColumnCodec] | None = None,
        *,
        arranged: bool = True,
    ) -> Table:
        """Rows of `codes`, shape (p, n).

        Args:
            uniforms: Position of each value within its code, in [0, 1), shape (p, n).
            first_row: Position of the first row in the sample, from which surrogates derive.
            seed: Seed of the sample, from which surrogates derive.
            conditions: Restricted codecs of conditioned columns, in place of their own.
            arranged: Whether rows may change places, so that rows of one entity follow each other.
        """
        columns: dict[str, pl.Series] = {}
        for row, (name, codec) in enumerate(self.coded.items()):
            columns[name] = (conditions or {}).get(name, codec).decode(codes[row], uniforms[row])
        rows = codes.shape[1]
        if self.surrogates.names:
            generated = self.surrogates.make(
                first_row, rows, seed.child("made"), pl.DataFrame(columns)
            )
            for series in generated.iter_columns():
                name = series.name
                present = columns.get(name)
                columns[name] = series if present is None else series.set(~present, None)
        frame = pl.DataFrame(columns)
        frame = self.transforms.inverse(frame, Position(first_row, seed, arranged))
        types = self.template.schema
        frame = frame_of(frame[name].cast(types[name]) for name in self.schema.names)
        return Table(frame, self.schema, self.origin)

    def _trial(self, table: Table) -> pl.DataFrame:
        """Rows whose values are those of `table`, each column's in an order of its own."""
        seed = Seed(0, ("trial",))
        rng = seed.rng()
        codes = self.encode(table.with_frame(table.frame.head(TRIAL)))
        codes = np.stack([rng.choice(row, TRIAL) for row in codes]) if len(codes) else codes
        return self.decode(codes, rng.random(codes.shape), 0, seed).frame

    def suppressed(self) -> dict[str, dict[str, Any]]:
        """Suppressed values: number of rows and replacement, by column."""
        out: dict[str, dict[str, Any]] = {}
        for name, codec in self.coded.items():
            if codec.suppressed and name not in self.surrogates.names:
                out[name] = {"rows": codec.suppressed, "replacement": _replacement(codec)}
        return out

    def to_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able header and named arrays, for `from_state`."""
        header: dict[str, Any] = {
            "coded": {},
            "surrogates": self.surrogates.to_state(),
            "transforms": self.transforms.to_state(),
        }
        arrays: dict[str, NDArray[Any]] = {}
        for row, (name, codec) in enumerate(self.coded.items()):
            head, parts = codec.to_state()
            enum = isinstance(codec.dtype, pl.Enum)  # its categories are in the empty frame
            dtype = {"type": "Enum"} if enum else write_dtype(codec.dtype)
            header["coded"][name] = {"form": type(codec).__name__, "dtype": dtype, **head}
            arrays |= {f"{row}.{part}": value for part, value in parts.items()}
        return header, arrays

    @classmethod
    def from_state(
        cls,
        header: dict[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        empty: pl.DataFrame,
        schema: Schema,
        origin: Origin,
    ) -> Self:
        """Restore what `to_state` wrote."""
        parse_rules(schema.constraints, schema.names)  # those of a file are no better than others
        coded: dict[str, ColumnCodec] = {}
        surrogates = SurrogateGroup.from_state(header["surrogates"])
        transforms = Chain.from_state(header["transforms"])
        outer = {plain: name for name, plain in transforms.names.items()}
        for row, (name, head) in enumerate(header["coded"].items()):
            prefix = f"{row}."
            parts = {k[len(prefix) :]: v for k, v in arrays.items() if k.startswith(prefix)}
            enum = head["dtype"]["type"] == "Enum"
            dtype = empty[outer.get(name, name)].dtype if enum else read_dtype(head["dtype"])
            form = NumberCodec if head["form"] == "NumberCodec" else CategoryCodec
            coded[name] = form.from_state(head, parts, dtype)
        return cls(schema, origin, coded, surrogates, transforms, empty)


def _fit_column(
    column: Column, series: pl.Series, protect: bool, max_codes: int, rows_per_bin: int
) -> ColumnCodec:
    """The codec of a modelled column.

    Categories that are numbers or times, none of them frequent, are modelled as numbers.
    """
    if series.dtype.is_temporal():
        rows_per_bin = 1  # seasons and weeks need bins shorter than they are
    ordered = series.dtype.is_numeric() or series.dtype.is_temporal()
    if ordered and column.kind in (Kind.NUMBER, Kind.DATETIME):
        return NumberCodec.fit(
            series, protect=protect, max_codes=max_codes, rows_per_bin=rows_per_bin
        )
    codec = CategoryCodec.fit(series, protect=protect, max_codes=max_codes, role=column.role)
    if ordered and not len(codec.values):
        return NumberCodec.fit(
            series, protect=protect, max_codes=max_codes, rows_per_bin=rows_per_bin
        )
    return codec


def _grouped_by_rows(
    table: Table,
    coded: Mapping[str, ColumnCodec],
    fitted: Mapping[str, pl.Series],
    protect: bool,
    max_codes: int,
) -> dict[str, ColumnCodec]:
    """The columns of more categories than codes, with those grouped whose rows are alike."""
    crowded = [name for name, c in coded.items() if isinstance(c, CategoryCodec) and c.crowded]
    if not crowded:
        return {}

    names = list(coded)

    def features(of: str) -> Iterator[Floats]:  # one at a time, to bound the memory
        for name in nearest(names, names.index(of)):
            codec = coded[name]
            if name not in crowded and table.schema[name].kind not in SURROGATE_KINDS:
                codes = codec.encode(table.frame[name])
                yield from code_features(codes, codec.levels, ordered=codec.ordered)

    out: dict[str, ColumnCodec] = {}
    for name in crowded:
        profiles = Profiles.from_rows(to_text(table.frame[name]), features(name))
        role = table.schema[name].role
        out[name] = CategoryCodec.fit(
            fitted[name], protect=protect, max_codes=max_codes, role=role, profiles=profiles
        )
    return out


def _declared(
    schema: Schema, coded: Mapping[str, ColumnCodec], surrogates: SurrogateGroup
) -> Schema:
    """The schema of decoded tables, which declares suppressed categories."""
    return schema.with_columns(
        replace(
            schema[name],
            suppressed=codec.replacement,
            suppressed_below=MIN_COUNT,
            generalised=bool(codec.classes),
        )
        for name, codec in coded.items()
        if isinstance(codec, CategoryCodec)
        and codec.suppressed
        and name in schema.names
        and name not in surrogates.names
    )


def _template(
    table: Table, coded: Mapping[str, ColumnCodec], surrogates: SurrogateGroup
) -> pl.DataFrame:
    """A frame of no rows with the types of decoded rows."""
    types: dict[str, pl.DataType] = dict(table.frame.schema)
    # The categories of an Enum would be the values of the source.
    types |= {
        name: pl.String()
        for name in table.schema.of_kind(*SURROGATE_KINDS)
        if isinstance(types[name], pl.Enum)
    }
    types |= {name: codec.dtype for name, codec in coded.items() if name in types}
    types |= {name: dtype for name, dtype in surrogates.dtypes.items() if name in types}
    return pl.DataFrame(schema=types)


def _replacement(codec: ColumnCodec) -> str:
    """What is released in place of suppressed values."""
    if isinstance(codec, NumberCodec):
        return TAIL if len(codec.floor) else MISSING
    return category_replacement(codec)


def column_of(codec: TableCodec, name: str) -> Column:
    """The column of a condition.

    Raises:
        SchemaError: there is no such column.
        ConditionError: the column is generated, or counts rows, so it cannot be conditioned on.
    """
    column = codec.schema[name]
    if name in codec.surrogates.names or column.kind in SURROGATE_KINDS:
        raise ConditionError(
            f"{name!r} has generated values, which cannot be conditioned on",
            hint="condition on a number, category, boolean or time",
        )
    if name in codec.transforms.numbering:
        raise ConditionError(
            f"{name!r} counts the rows of an entity, which cannot be conditioned on",
            hint="condition on another column, or select from the sampled rows",
        )
    return column
