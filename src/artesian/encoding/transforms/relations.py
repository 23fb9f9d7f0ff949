"""Keep the relations of a table: columns that others determine are not modelled, or set right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.frames import frame_of
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.encoding.transforms.steps import (
    CopyStep,
    DistanceStep,
    ExclusiveStep,
    FormulaStep,
    Hidden,
    LookupStep,
    PresenceStep,
    RatioStep,
    Step,
    TextStep,
    decimals_of,
)
from artesian.encoding.transforms.thresholds import threshold_table
from artesian.relations.dependencies import Dependency
from artesian.relations.discover import discover
from artesian.relations.exclusive import Exclusive
from artesian.relations.expressions import Ref, numbers
from artesian.relations.formulas import Copy, Formula
from artesian.relations.orders import Order
from artesian.relations.parse import is_relation, parse_relation
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.search.rows import NumericColumns
from artesian.relations.texts import Template

GENERATED = (Kind.KEY, Kind.TEXT)

FEW = 40
"""Maximum number of values of whole numbers whose distances are modelled in place of fractions."""


@dataclass(frozen=True, slots=True)
class RelationSteps:
    """Steps in the order in which they restore columns.

    Attributes:
        steps: One step per restored column, or two where it is also missing by a rule.
        relations: Texts of all relations of the table, also of those that others imply.
        hidden: The modelled columns that replace a column, by its name; those of columns that are
            modelled themselves are not listed.
    """

    name: ClassVar[str] = "relations"

    steps: tuple[Step, ...]
    relations: tuple[str, ...]
    hidden: dict[str, tuple[Column, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All targets."""
        hidden = {column.name for group in self.hidden.values() for column in group}
        targets = dict.fromkeys(step.target for step in self.steps)
        return tuple(name for name in targets if name not in hidden)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Discover relations, unless the schema lists them, and decide how to keep each."""
        names = table.schema.names
        if table.schema.relations is None:
            relations = [discovered.relation for discovered in discover(table)]
        else:
            # Columns that an earlier transform replaced are not among `names`.
            texts = [text for text in table.schema.relations if is_relation(text, names)]
            relations = [parse_relation(text, names) for text in texts]
        texts = [text for text in table.schema.constraints if is_relation(text, names)]
        declared = [parse_relation(text, names) for text in texts]
        steps = _ordered(_Builder(table, protect).steps(_ranked(declared, relations)))
        if not (declared or relations):
            return None
        hidden: dict[str, tuple[Column, ...]] = {}
        for step in steps:
            series = step.hide(table.frame)
            if series is not None:
                hidden[step.target] = tuple(_column(table.schema[step.target], s) for s in series)
        listed = dict.fromkeys(map(str, relations))
        return cls(tuple(steps), tuple(listed), hidden)

    def forward(self, table: Table) -> Table:
        """Replace the targets by what is modelled in their place."""
        series: dict[str, list[pl.Series]] = {}
        for step in self.steps:
            hidden = step.hide(table.frame)
            if hidden is not None:
                series[step.target] = hidden
        columns: list[Column] = []
        values: list[pl.Series] = []
        for column in table.schema:
            columns += self.hidden.get(column.name, (column,))
            values += series.get(column.name, [table.frame[column.name]])
        schema = Schema(columns=tuple(columns), relations=())
        if set(table.schema.key) <= set(schema.names):
            schema = replace(schema, key=table.schema.key)
        if table.schema.entity in schema.names:
            schema = replace(schema, entity=table.schema.entity)
        return Table(frame_of(values), schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Restore the targets one after the other."""
        for step in self.steps:
            frame = frame.with_columns(step.restore(frame, at).alias(step.target))
        return frame

    def to_state(self) -> dict[str, Any]:
        """Every step with its relation as text."""
        return {
            "names": sorted({n for step in self.steps for n in step.relation.columns}),
            "relations": self.relations,
            "steps": [_step_to_state(step) for step in self.steps],
            "hidden": {
                name: [{"name": c.name, **c.to_dict()} for c in columns]
                for name, columns in self.hidden.items()
            },
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        names = tuple(state["names"])
        hidden = {
            name: tuple(
                Column.from_dict(c["name"], {k: v for k, v in c.items() if k != "name"})
                for c in columns
            )
            for name, columns in state["hidden"].items()
        }
        steps = tuple(_step_from_state(step, names) for step in state["steps"])
        return cls(steps, tuple(state["relations"]), hidden)


def _ranked(declared: list[Relation], discovered: list[Relation]) -> list[Relation]:
    """Relations in the order in which steps are chosen for them.

    What a person declares comes before what was discovered, except that a declared order comes after
    discovered computations: with paid <= amount first, amount = paid + balance could not be kept.
    Rows that break a declared order without a step are drawn again.
    """
    exact = [one for one in discovered if isinstance(one, Copy | Formula)]
    orders = [one for one in declared if isinstance(one, Order)]
    others = [one for one in declared if not isinstance(one, Order)]
    return [*others, *exact, *orders, *(one for one in discovered if one not in exact)]


@dataclass(slots=True)
class _Builder:
    """Chooses steps for relations, one value per column and without circles.

    Attributes:
        valued: Columns whose value a step restores.
        present: Columns that a step makes missing.
        edges: The columns that each target needs.
        replaced: The column that is modelled in place of an end of an interval.
    """

    table: Table
    protect: bool
    valued: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)
    edges: dict[str, set[str]] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)

    def steps(self, relations: Iterable[Relation]) -> list[Step]:
        steps: list[Step] = []
        for relation in relations:
            if isinstance(relation, Exclusive):
                chosen = self._exclusive(relation)
            else:
                step = self._step(relation)
                chosen = [] if step is None else [step]
            steps += chosen
            for step in chosen:
                self.edges.setdefault(step.target, set()).update(step.sources)
        return steps

    def _exclusive(self, relation: Exclusive) -> list[Step]:
        members = relation.members
        if not all(self._free(name, list(members[:at])) for at, name in enumerate(members) if at):
            return []
        self.valued.update(members[1:])
        return [ExclusiveStep(relation, at) for at in range(1, len(members))]

    def _step(self, relation: Relation) -> Step | None:
        if isinstance(relation, MissingTogether | MissingWhen):
            return self._presence(relation)
        if isinstance(relation, Order):
            return self._order(relation)
        target = relation.columns[-1] if isinstance(relation, Dependency) else relation.columns[0]
        if not self._free(target, [name for name in relation.columns if name != target]):
            return None
        step: Step | None = None
        if isinstance(relation, Copy):
            step = CopyStep(relation, self._frame.schema[target])
        elif isinstance(relation, Formula):
            step = FormulaStep(relation, self._form(target), self._presence_name(relation))
        elif isinstance(relation, Template):
            rest = self._hidden(f"{target} (rest)") if relation.open else None
            step = TextStep(relation, rest)
        elif isinstance(relation, Dependency):
            step = self._lookup(relation)
        # Dependencies that are confined to some values of their sources leave room for others.
        confined = isinstance(relation, Dependency) and relation.values
        if step is not None and not confined:
            self.valued.add(target)
        return step

    def _free(self, target: str, sources: list[str]) -> bool:
        """Whether no step restores the target yet, and none of the sources needs it."""
        if target in self.valued:
            return False
        return not self._needs(sources, target)

    def _needs(self, sources: list[str], target: str) -> bool:
        todo, seen = list(sources), set()
        while todo:
            name = todo.pop()
            if name == target:
                return True
            if name not in seen:
                seen.add(name)
                todo += self.edges.get(name, set())
        return False

    def _order(self, relation: Order) -> Step | None:
        low, high = relation.low, relation.high
        if self._schema[low].kind in GENERATED or self._schema[high].kind in GENERATED:
            return None
        values = {name: numbers(self._frame[name]) for name in (low, high)}
        present = {name: v[~np.isnan(v)] for name, v in values.items()}
        if not all(len(v) for v in present.values()):
            return None
        temporal = self._frame[low].dtype.is_temporal()
        few = all(self._frame[n].dtype.is_integer() for n in (low, high)) and all(
            len(np.unique(v)) <= FEW for v in present.values()
        )
        classes = self._frame[low].dtype.is_integer() and len(np.unique(present[low])) <= FEW
        if classes and not few and len(np.unique(present[low])) <= 2:
            return None  # a flag is no part of a number
        # A fraction of the whole is no class either, as 3 of the grades 1 to 5 is.
        ratio = not temporal and not classes and min(v.min() for v in present.values()) >= 0
        fill = {name: float(np.median(v)) for name, v in present.items()}
        first, second = ("ratio", "distance") if ratio else ("distance", "")
        for way in (first, second):
            if way == "distance" and self._free(high, [low]):
                self.valued.add(high)
                unit = float(NumericColumns.from_frame(self._frame.select(low, high), 0).grid.min())
                name = self._hidden(f"{high} - {low}")
                self.replaced[high] = name
                return DistanceStep(relation, self._form(high), name, unit, fill[low])
            if way == "ratio" and self._free(low, [high]):
                self.valued.add(low)
                name = self._hidden(f"{low} / {high}")
                self.replaced[low] = name
                return RatioStep(relation, self._form(low), name, fill[high])
        return None

    def _presence(self, relation: MissingTogether | MissingWhen) -> Step | None:
        target, source = relation.target, relation.source
        generated = self._schema[target].kind is Kind.KEY
        if generated or target in self.present or self._needs([source], target):
            return None
        if target in self.valued and source in self.edges.get(target, ()):
            return None  # missing where its source is, by computation
        self.present.add(target)
        return PresenceStep(relation, self.replaced.get(target, target))

    def _lookup(self, relation: Dependency) -> LookupStep | None:
        kinds = [self._schema[name].kind for name in relation.columns]
        if any(kind in GENERATED for kind in kinds):
            return None
        minimum = MIN_COUNT if self.protect else 1
        table = relation.lookup(self._frame, minimum)
        if len(relation.sources) == 1 and not relation.values:
            runs = threshold_table(self._frame, *relation.sources, relation.target, minimum)
            table = table if runs.is_empty() else runs
        return LookupStep(relation, table) if table.height else None

    def _presence_name(self, relation: Formula) -> str | None:
        """The name of a column for the presence of the target; None if its sources decide it."""
        missing = self._frame[relation.target].is_null().to_numpy()
        absent = np.isnan(relation.compute(self._frame))
        if (missing == absent).mean() >= 1 - 1e-3:
            return None
        return self._hidden(f"{relation.target} (present)")

    def _form(self, name: str) -> Hidden:
        series = self._frame[name]
        return Hidden(series.dtype, decimals_of(series))

    def _hidden(self, base: str) -> str:
        return hidden_name(base, self._schema)

    @property
    def _frame(self) -> pl.DataFrame:
        return self.table.frame

    @property
    def _schema(self) -> Schema:
        return self.table.schema


def _ordered(steps: list[Step]) -> list[Step]:
    """The steps with every source before its target; the value of a column before its absence."""
    todo = sorted(steps, key=lambda step: isinstance(step, PresenceStep))
    done: list[Step] = []
    while todo:
        waiting = {step.target for step in todo}
        for step in todo:
            first = next(other for other in todo if other.target == step.target)
            if first is step and not waiting & (set(step.sources) - {step.target}):
                done.append(step)
                todo.remove(step)
                break
        else:
            raise AssertionError("steps are chosen without circles")
    return done


def _column(target: Column, series: pl.Series) -> Column:
    """The modelled column for what a step hides."""
    if series.dtype == pl.String:
        return replace(target, name=series.name, role="", nullable=series.null_count() > 0)
    kind = Kind.BOOLEAN if series.dtype == pl.Boolean else Kind.NUMBER
    return Column(name=series.name, kind=kind, nullable=series.null_count() > 0)


def _form_to_state(form: Hidden) -> dict[str, Any]:
    return {"dtype": write_dtype(form.dtype), "decimals": form.decimals}


def _form_from_state(state: dict[str, Any]) -> Hidden:
    return Hidden(read_dtype(state["dtype"]), state["decimals"])


def _step_to_state(step: Step) -> dict[str, Any]:
    out: dict[str, Any] = {"relation": str(step.relation)}
    if isinstance(step, CopyStep):
        return out | {"step": "copy", "dtype": write_dtype(step.dtype)}
    if isinstance(step, FormulaStep):
        return out | {
            "step": "formula",
            "form": _form_to_state(step.form),
            "present": step.present,
        }
    if isinstance(step, DistanceStep):
        return out | {
            "step": "distance",
            "form": _form_to_state(step.form),
            "distance": step.distance,
            "unit": step.unit,
            "fill": step.fill,
        }
    if isinstance(step, RatioStep):
        return out | {
            "step": "ratio",
            "form": _form_to_state(step.form),
            "fraction": step.fraction,
            "fill": step.fill,
        }
    if isinstance(step, LookupStep):
        columns = {
            s.name: {
                "dtype": write_dtype(pl.String() if isinstance(s.dtype, pl.Enum) else s.dtype),
                "values": (s.to_physical() if s.dtype.is_temporal() else s)
                .cast(pl.String)
                .to_list(),
            }
            for s in step.table
        }
        return out | {"step": "lookup", "columns": columns}
    if isinstance(step, TextStep):
        return out | {"step": "text", "rest": step.rest}
    if isinstance(step, ExclusiveStep):
        return out | {"step": "exclusive", "member": step.member}
    return out | {"step": "presence", "stored": step.target}


def _step_from_state(state: dict[str, Any], names: tuple[str, ...]) -> Step:
    relation: Any = parse_relation(state["relation"], names)
    kind = state["step"]
    if kind == "copy":
        return CopyStep(relation, read_dtype(state["dtype"]))
    if kind == "formula":
        if isinstance(relation, Copy):  # of a column with other missing values
            relation = Formula(relation.target, Ref(relation.source))
        return FormulaStep(relation, _form_from_state(state["form"]), state["present"])
    if kind == "distance":
        form = _form_from_state(state["form"])
        return DistanceStep(relation, form, state["distance"], state["unit"], state["fill"])
    if kind == "ratio":
        form = _form_from_state(state["form"])
        return RatioStep(relation, form, state["fraction"], state["fill"])
    if kind == "lookup":
        columns = []
        for name, column in state["columns"].items():
            dtype = read_dtype(column["dtype"])
            values = pl.Series(name, column["values"], dtype=pl.String)
            if dtype.is_temporal():
                values = values.cast(pl.Int32 if dtype == pl.Date else pl.Int64)
            if dtype == pl.Boolean:
                values = values == "true"
            columns.append(values.cast(dtype))
        return LookupStep(relation, pl.DataFrame(columns))
    if kind == "text":
        return TextStep(relation, state["rest"])
    if kind == "exclusive":
        return ExclusiveStep(relation, state["member"])
    return PresenceStep(relation, state["stored"])
