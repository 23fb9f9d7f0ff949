"""Files of a model of related tables: one folder per table, JSON and npz without pickle, and Parquet.

    structure.json       order of the tables, owners and references, levels of self-references, origins
    tables/0/            the first table in this order
        columns.parquet  types of its columns, without rows
        rows.parquet     its rows, if it is kept
        table.json, arrays.npz   the rest of its model
        codec/           codes of its columns, as in the model of one table
        method/          the model of a method of single tables, if one draws its rows

Foreign keys are written as positions in the list of the schema.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.archives import read_arrays
from artesian.core.validated import require
from artesian.data.dataset import Dataset
from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.readers.columnar import read_parquet
from artesian.data.readers.location import located
from artesian.data.schema import ForeignKey, Schema
from artesian.data.table import Origin, Table
from artesian.encoding import codec_files
from artesian.encoding.codec_files import read_json
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.synthesizers import CATALOG
from artesian.synthesizers.relational.across import Between
from artesian.synthesizers.relational.between_files import between_from_dict, between_to_dict
from artesian.synthesizers.relational.clock import Clock, Scale
from artesian.synthesizers.relational.drift import Drift
from artesian.synthesizers.relational.empty_tables import (
    origin_to_dict,
    tables_from_dict,
    tables_to_dict,
)
from artesian.synthesizers.relational.hierarchy import Hierarchy
from artesian.synthesizers.relational.items import Extra, Item
from artesian.synthesizers.relational.plan import Plan, TablePlan
from artesian.synthesizers.relational.references import Reference
from artesian.synthesizers.relational.siblings import Siblings
from artesian.synthesizers.relational.table_method import TableMethod
from artesian.synthesizers.relational.table_model import TableModel
from artesian.synthesizers.saved_schema import read_schema, to_json
from artesian.synthesizers.sequential.given import GivenChain

if TYPE_CHECKING:
    from artesian.synthesizers.relational.relational_trees import RelationalModel

STRUCTURE, TABLES, CODEC, METHOD = "structure.json", "tables", "codec", "method"
TABLE, ARRAYS, COLUMNS, ROWS = "table.json", "arrays.npz", "columns.parquet", "rows.parquet"

Arrays = dict[str, NDArray[Any]]
Keys = tuple[ForeignKey, ...]


def write_model(model: RelationalModel, folder: Path) -> None:
    """Write all that `read_model` needs into `folder`."""
    keys = model.empty.foreign_keys
    structure = {
        "origin": origin_to_dict(model.empty.origin),
        "tables": [
            {
                "name": one.name,
                "owner": None if one.owner is None else keys.index(one.owner),
                "references": [keys.index(key) for key in one.references],
                "deferred": [keys.index(key) for key in one.deferred],
                "kept": one.kept,
                "numbered": [list(pair) for pair in one.numbered],
                "origin": origin_to_dict(model.empty[one.name].origin),
            }
            for one in model.plan
        ],
        "names": list(model.empty),
        "hierarchies": {
            str(keys.index(key)): one.to_dict() for key, one in model.hierarchies.items()
        },
        "orphans": {str(keys.index(key)): count for key, count in model.orphans.items()},
        "between": between_to_dict(model.between, model.empty),
        "without_rows": tables_to_dict(model.empty.without_rows),
        "keys_without_rows": [key.to_dict() for key in model.empty.keys_without_rows],
    }
    _write_json(folder / STRUCTURE, structure)
    for number, one in enumerate(model.plan):
        own = folder / TABLES / str(number)
        own.mkdir(parents=True)
        _write_table(model.models[one.name], keys, own)


def read_model(
    folder: Path, schemas: Mapping[str, Schema], keys: Keys
) -> tuple[
    Dataset,
    Plan,
    dict[str, TableModel],
    dict[ForeignKey, Hierarchy],
    dict[ForeignKey, int],
    Between,
]:
    """What `write_model` wrote: the empty dataset, plan, models, hierarchies, orphans, and relations
    between tables.

    Args:
        schemas: Schema of each table.
        keys: The foreign keys of the schema.
    """
    structure = read_json(folder / STRUCTURE)
    names = [entry["name"] for entry in structure["tables"]]
    require(sorted(names) == sorted(schemas), "the tables are not those of the schema")
    require(sorted(structure["names"]) == sorted(names), "the order of tables lacks one")
    plans, models, tables = [], {}, {}
    for number, entry in enumerate(structure["tables"]):
        owner = entry["owner"]
        plan = TablePlan(
            entry["name"],
            None if owner is None else _key(keys, owner),
            tuple(_key(keys, at) for at in entry["references"]),
            tuple(_key(keys, at) for at in entry["deferred"]),
            entry["kept"],
            tuple((column, first) for column, first in entry["numbered"]),
        )
        schema = schemas[plan.name]
        model = _read_table(plan, folder / TABLES / str(number), keys, schema)
        require(
            tuple(model.template.columns) == schema.names,
            f"the columns of {plan.name!r} are not those of the schema",
        )
        plans.append(plan)
        models[plan.name] = model
        tables[plan.name] = Table(model.template, schema, Origin(**entry["origin"]))
    empty = Dataset(
        {name: tables[name] for name in structure["names"]},
        keys,
        Origin(**structure["origin"]),
        tables_from_dict(structure["without_rows"]),
        tuple(ForeignKey.from_dict(entry) for entry in structure["keys_without_rows"]),
    )
    empty.whole()  # refuses foreign keys that do not fit
    hierarchies = {
        _key(keys, int(at)): Hierarchy.from_dict(entry)
        for at, entry in structure["hierarchies"].items()
    }
    orphans = {_key(keys, int(at)): count for at, count in structure["orphans"].items()}
    between = between_from_dict(structure["between"], empty)
    return empty, Plan(tuple(plans)), models, hierarchies, orphans, between


def _write_table(model: TableModel, keys: Keys, folder: Path) -> None:
    model.template.write_parquet(folder / COLUMNS)
    if model.kept is not None:
        plain = [pl.col(n).cast(pl.String) for n in _categorical(model.kept)]
        model.kept.with_columns(plain).write_parquet(folder / ROWS)
    if model.codec is not None:
        (folder / CODEC).mkdir()
        codec_files.write_codec(model.codec, folder / CODEC)
    arrays: Arrays = {
        "constant": model.constant,
        "own.levels": model.own.levels,
        "own.ordered": model.own.ordered,
        "own.missing": model.own.missing,
    }
    for number, reference in enumerate(model.references):
        arrays |= {
            f"reference.{number}.{part}": getattr(reference, part)
            for part in ("columns", "levels", "ordered")
        }
    header: dict[str, Any] = {
        "rows": model.rows,
        "unowned": model.unowned,
        "owner_rows": model.owner_rows,
        "own": list(model.own.names),
        "same": list(model.same),
        "drifts": [{"name": one.name, "decimals": one.decimals} for one in model.drifts],
        "references": [
            {
                "key": keys.index(one.key),
                "shared": one.shared,
                "distinct": one.distinct,
                "others": one.others,
                "optional": one.optional,
            }
            for one in model.references
        ],
        "extras": [
            {
                "key": keys.index(one.key),
                "kind": one.kind,
                "item": one.item,
                "codec": _write_codec(one.codec, f"extra.{number}.", arrays),
            }
            for number, one in enumerate(model.extras)
        ],
        "siblings": None,
        "clock": None,
        "method": None,
    }
    if model.siblings is not None:
        items = model.siblings.items
        header["siblings"] = {"items": [one.column for one in items]}
        arrays |= {
            "siblings.levels": model.siblings.levels,
            "siblings.ordered": model.siblings.ordered,
        }
        arrays |= {f"item.{number}": one.scores for number, one in enumerate(items)}
    if model.clock is not None:
        scale = model.clock.scale
        header["clock"] = {
            "name": scale.name,
            "dtype": write_dtype(scale.dtype),
            "unit": scale.unit,
            "categories": scale.categories.to_list(),
            **{
                part: _write_codec(getattr(model.clock, part), f"clock.{part}.", arrays)
                for part in ("values", "increments", "rests")
            },
        }
    for name, chain in (("chain.", model.chain), ("increments.", model.increments)):
        if chain is not None:
            arrays |= {f"{name}{part}": array for part, array in chain.to_arrays().items()}
    if model.method is not None:
        header["method"] = _write_method(model.method, folder / METHOD)
    if model.fixed is not None:
        arrays |= {"fixed.own": model.fixed.own.codes, "fixed.extras": model.fixed.extras.codes}
    _write_json(folder / TABLE, header)
    np.savez_compressed(folder / ARRAYS, allow_pickle=False, **arrays)


def _read_table(plan: TablePlan, folder: Path, keys: Keys, schema: Schema) -> TableModel:
    header, arrays = read_json(folder / TABLE), read_arrays(folder / ARRAYS)
    template = pl.read_parquet(folder / COLUMNS, n_rows=0)
    codec = None
    if (folder / CODEC).is_dir():
        # The codec has the schema of the columns that it generates, in the order of their file.
        own = pl.read_parquet_schema(folder / CODEC / COLUMNS)
        codec = codec_files.read_codec(folder / CODEC, schema.select(tuple(own)))
    references = tuple(
        Reference(
            _key(keys, entry["key"]),
            arrays[f"reference.{number}.columns"],
            arrays[f"reference.{number}.levels"],
            arrays[f"reference.{number}.ordered"],
            entry["shared"],
            entry["distinct"],
            entry["others"],
            entry["optional"],
        )
        for number, entry in enumerate(header["references"])
    )
    extras = tuple(
        Extra(
            _key(keys, entry["key"]),
            entry["kind"],
            entry["item"],
            _read_codec(entry["codec"], f"extra.{number}.", arrays),
        )
        for number, entry in enumerate(header["extras"])
    )
    siblings = None
    if header["siblings"] is not None:
        items = tuple(
            Item(column, arrays[f"item.{number}"])
            for number, column in enumerate(header["siblings"]["items"])
        )
        siblings = Siblings(arrays["siblings.levels"], arrays["siblings.ordered"], items)
    names = tuple(header["own"])
    model = TableModel(
        plan=plan,
        kept=_read_rows(folder / ROWS, template) if plan.kept else None,
        template=template,
        codec=codec,
        references=references,
        extras=extras,
        siblings=siblings,
        clock=None if header["clock"] is None else _read_clock(header["clock"], arrays),
        chain=_read_chain("chain.", arrays),
        increments=_read_chain("increments.", arrays),
        constant=arrays["constant"],
        same=tuple(header["same"]),
        drifts=tuple(Drift(entry["name"], entry["decimals"]) for entry in header["drifts"]),
        own=CodedTable(
            names,
            np.zeros((len(names), 0), np.uint8),
            arrays["own.levels"],
            arrays["own.ordered"],
            arrays["own.missing"],
        ),
        rows=header["rows"],
        unowned=header["unowned"],
        owner_rows=header["owner_rows"],
        method=None
        if header["method"] is None
        else _read_method(header["method"], folder / METHOD),
    )
    if not plan.kept:
        return model
    return model.with_fixed(arrays["fixed.own"], arrays["fixed.extras"])


def _write_method(method: TableMethod, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    method.model.write_state(folder)
    settings = method.model.settings
    header = {
        "name": settings.capabilities.name,
        "settings": dataclasses.asdict(settings),
        "schema": method.model.schema.to_dict(),
        "referred": list(method.referred),
        "extras": list(method.extras),
    }
    plain: dict[str, Any] = json.loads(json.dumps(header, default=to_json))
    return plain


def _read_method(header: Mapping[str, Any], folder: Path) -> TableMethod:
    settings = CATALOG[header["name"]](**header["settings"])
    model = settings.model.read_state(folder, settings, read_schema(header["schema"]))
    return TableMethod(model, tuple(header["referred"]), tuple(header["extras"]))


def _categorical(frame: pl.DataFrame) -> list[str]:
    return [n for n, t in frame.schema.items() if t.base_type() in (pl.Enum, pl.Categorical)]


def _read_rows(path: Path, template: pl.DataFrame) -> pl.DataFrame:
    """The rows of a kept table.

    Raises:
        DataError: they would take more memory than the limit.
    """
    with located(str(path)) as place:
        frame = read_parquet(place).frame
    require(frame.columns == template.columns, "the kept rows have other columns")
    return frame.select(pl.col(n).cast(dtype) for n, dtype in template.schema.items())


def _read_clock(entry: Mapping[str, Any], arrays: Arrays) -> Clock:
    dtype = read_dtype(entry["dtype"])
    categories = pl.Series("value", entry["categories"], dtype=dtype, strict=True)
    return Clock(
        Scale(entry["name"], dtype, entry["unit"], categories),
        *(
            _read_codec(entry[part], f"clock.{part}.", arrays)
            for part in ("values", "increments", "rests")
        ),
    )


def _read_chain(prefix: str, arrays: Arrays) -> GivenChain | None:
    own = _part(prefix, arrays)
    return GivenChain.from_arrays(own) if own else None


def _write_codec(codec: NumberCodec, prefix: str, arrays: Arrays) -> dict[str, Any]:
    """The header of a codec, whose arrays are added to `arrays`."""
    header, own = codec.to_state()
    arrays |= {f"{prefix}{name}": np.asarray(value) for name, value in own.items()}
    return {"dtype": write_dtype(codec.dtype), **header}


def _read_codec(header: Mapping[str, Any], prefix: str, arrays: Arrays) -> NumberCodec:
    dtype = read_dtype(header["dtype"])
    return NumberCodec.from_state(dict(header), _part(prefix, arrays), dtype)


def _part(prefix: str, arrays: Arrays) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _key(keys: Keys, at: object) -> ForeignKey:
    require(at in range(len(keys)), f"there is no foreign key {at!r}")
    assert isinstance(at, int)
    return keys[at]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
