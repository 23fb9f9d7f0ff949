"""Steps that restore columns, as JSON values for model files."""

from __future__ import annotations

from typing import Any

import polars as pl

from artesian.data.dtypes import read_dtype, write_dtype
from artesian.encoding.transforms.day_steps import DaysStep
from artesian.encoding.transforms.dependency_steps import AgreeStep, LookupStep, ReverseLookupStep
from artesian.encoding.transforms.event_steps import (
    BinsStep,
    DifferentStep,
    ImpliedStep,
    MultiplesStep,
)
from artesian.encoding.transforms.formula_steps import (
    CopyStep,
    FormulaStep,
    PartFormulaStep,
    PartTextStep,
)
from artesian.encoding.transforms.group_steps import BalanceStep, GroupStep, SinceFirstStep
from artesian.encoding.transforms.interval_steps import DaysSinceStep, SincePreviousStep
from artesian.encoding.transforms.order_steps import (
    DistanceStep,
    InequalityStep,
    IntervalStep,
    RatioStep,
    RedrawStep,
)
from artesian.encoding.transforms.part_steps import PartStep
from artesian.encoding.transforms.steps import (
    ExclusiveStep,
    Hidden,
    PresenceStep,
    Step,
    TextStep,
)
from artesian.relations.expressions import Ref
from artesian.relations.formulas import Copy, Formula
from artesian.relations.parse import parse_relation


def step_to_state(step: Step) -> dict[str, Any]:
    """A step as JSON values."""
    out: dict[str, Any] = {"relation": str(step.relation)}
    if isinstance(step, CopyStep):
        return out | {"step": "copy", "dtype": write_dtype(step.dtype)}
    if isinstance(step, BinsStep):
        return out | {"step": "bins", "dtype": write_dtype(step.dtype)}
    if isinstance(step, DifferentStep):
        return out | {"step": "different", "target": step.target}
    if isinstance(step, MultiplesStep):
        return out | {"step": "multiples", "spread": step.spread}
    if isinstance(step, PartFormulaStep):
        return out | {"step": "part formula", "form": _form_to_state(step.form)}
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
    if isinstance(step, DaysStep):
        return out | {
            "step": "days",
            "form": _form_to_state(step.form),
            "days": step.days,
            "clock": step.clock,
            "fill": step.fill,
        }
    if isinstance(step, InequalityStep):
        return out | {
            "step": "inequality",
            "form": _form_to_state(step.form),
            "distance": step.distance,
            "unit": step.unit,
            "fill": step.fill,
        }
    if isinstance(step, IntervalStep):
        return out | {
            "step": "interval",
            "orders": [str(order) for order in step.orders],
            "column": step.column,
            "form": _form_to_state(step.form),
            "place": step.place,
            "unit": step.unit,
            "fill": step.fill,
        }
    if isinstance(step, RatioStep):
        return out | {
            "step": "ratio",
            "form": _form_to_state(step.form),
            "fraction": step.fraction,
            "unit": step.unit,
            "fill": step.fill,
        }
    if isinstance(step, RedrawStep):
        return out | {
            "step": "redraw",
            "form": _form_to_state(step.form),
            "target": step.target,
            "unit": step.unit,
        }
    if isinstance(step, AgreeStep):
        return out | {"step": "agree"}
    if isinstance(step, LookupStep):
        return out | {
            "step": "lookup",
            "columns": _table_to_state(step.table),
            "pool": step.pool,
            "absent": step.absent,
            "together": step.together,
        }
    if isinstance(step, ReverseLookupStep):
        columns, usual = _table_to_state(step.table), _table_to_state(step.usual)
        return out | {
            "step": "reverse lookup",
            "columns": columns,
            "usual": usual,
        }
    if isinstance(step, PartStep):
        columns = _table_to_state(step.table)
        return out | {"step": "part", "columns": columns, "absent": step.absent}
    if isinstance(step, TextStep):
        return out | {"step": "text", "rest": step.rest}
    if isinstance(step, PartTextStep):
        return out | {"step": "part text"}
    if isinstance(step, ExclusiveStep):
        return out | {"step": "exclusive", "member": step.member}
    if isinstance(step, GroupStep):
        return out | {
            "step": "group",
            "form": _form_to_state(step.form),
            "first": step.first,
            "present": step.present,
        }
    if isinstance(step, SinceFirstStep):
        return out | {
            "step": "since first",
            "form": _form_to_state(step.form),
            "first": step.first,
        }
    if isinstance(step, DaysSinceStep):
        return out | {
            "step": "days since",
            "form": _form_to_state(step.form),
            "first": step.first,
            "room": step.room,
        }
    if isinstance(step, SincePreviousStep):
        return out | {
            "step": "since previous",
            "form": _form_to_state(step.form),
            "start": step.start,
            "last": step.last,
        }
    if isinstance(step, BalanceStep):
        return out | {
            "step": "balance",
            "form": _form_to_state(step.form),
            "target": step.target,
            "exclusive": step.exclusive,
        }
    if isinstance(step, PresenceStep):
        return out | {
            "step": "presence",
            "stored": step.stored,
            "owner": step.owner,
            "alike": step.alike,
        }
    return out | {"step": "implied", "stored": step.target}


def step_from_state(state: dict[str, Any], names: tuple[str, ...]) -> Step:
    """Restore what `step_to_state` returned, for a table with columns `names`."""
    relation: Any = parse_relation(state["relation"], names)
    kind = state["step"]
    if kind == "copy":
        return CopyStep(relation, read_dtype(state["dtype"]))
    if kind == "bins":
        return BinsStep(relation, read_dtype(state["dtype"]))
    if kind == "different":
        return DifferentStep(relation, state["target"])
    if kind == "multiples":
        return MultiplesStep(relation, state["spread"])
    if kind == "formula":
        if isinstance(relation, Copy):  # of a column with other missing values
            relation = Formula(relation.target, Ref(relation.source))
        return FormulaStep(relation, _form_from_state(state["form"]), state["present"])
    if kind == "agree":
        return AgreeStep(relation)
    if kind == "part formula":
        return PartFormulaStep(relation, _form_from_state(state["form"]))
    if kind == "days":
        form = _form_from_state(state["form"])
        return DaysStep(relation, form, state["days"], state["clock"], state["fill"])
    if kind == "distance":
        form = _form_from_state(state["form"])
        return DistanceStep(relation, form, state["distance"], state["unit"], state["fill"])
    if kind == "inequality":
        form = _form_from_state(state["form"])
        return InequalityStep(relation, form, state["distance"], state["unit"], state["fill"])
    if kind == "interval":
        orders: Any = tuple(parse_relation(text, names) for text in state["orders"])
        level, width = state["fill"]
        form = _form_from_state(state["form"])
        return IntervalStep(
            orders, state["column"], form, state["place"], state["unit"], (level, width)
        )
    if kind == "ratio":
        form = _form_from_state(state["form"])
        return RatioStep(relation, form, state["fraction"], state["unit"], state["fill"])
    if kind == "redraw":
        form = _form_from_state(state["form"])
        return RedrawStep(relation, form, state["target"], state["unit"])
    if kind == "lookup":
        table, pool = _table_from_state(state["columns"]), tuple(state["pool"])
        return LookupStep(relation, table, pool, tuple(state["absent"]), state["together"])
    if kind == "reverse lookup":
        table, usual = (_table_from_state(state[name]) for name in ("columns", "usual"))
        return ReverseLookupStep(relation, table, usual)
    if kind == "part":
        return PartStep(relation, _table_from_state(state["columns"]), state["absent"])
    if kind == "text":
        return TextStep(relation, state["rest"])
    if kind == "part text":
        return PartTextStep(relation)
    if kind == "exclusive":
        return ExclusiveStep(relation, state["member"])
    if kind == "group":
        form = _form_from_state(state["form"])
        return GroupStep(relation, form, state["first"], state["present"])
    if kind == "days since":
        form = _form_from_state(state["form"])
        return DaysSinceStep(relation, form, state["first"], state["room"])
    if kind == "since previous":
        form = _form_from_state(state["form"])
        return SincePreviousStep(relation, form, state["start"], state["last"])
    if kind == "since first":
        return SinceFirstStep(relation, _form_from_state(state["form"]), state["first"])
    if kind == "balance":
        form = _form_from_state(state["form"])
        return BalanceStep(relation, state["target"], form, state["exclusive"])
    if kind == "implied":
        return ImpliedStep(relation, state["stored"])
    return PresenceStep(relation, state["stored"], state["owner"], state["alike"])


def _table_to_state(table: pl.DataFrame) -> dict[str, Any]:
    return {
        s.name: {
            "dtype": write_dtype(pl.String() if isinstance(s.dtype, pl.Enum) else s.dtype),
            "values": (s.to_physical() if s.dtype.is_temporal() else s).cast(pl.String).to_list(),
        }
        for s in table
    }


def _table_from_state(state: dict[str, Any]) -> pl.DataFrame:
    columns = []
    for name, column in state.items():
        dtype = read_dtype(column["dtype"])
        values = pl.Series(name, column["values"], dtype=pl.String)
        if dtype.is_temporal():
            values = values.cast(pl.Int32 if dtype == pl.Date else pl.Int64)
        if dtype == pl.Boolean:
            values = values == "true"
        columns.append(values.cast(dtype))
    return pl.DataFrame(columns)


def _form_to_state(form: Hidden) -> dict[str, Any]:
    return {"dtype": write_dtype(form.dtype), "decimals": form.decimals, "floor": form.floor}


def _form_from_state(state: dict[str, Any]) -> Hidden:
    return Hidden(read_dtype(state["dtype"]), state["decimals"], state["floor"])
