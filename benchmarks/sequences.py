"""Rows of entities in time: methods of single tables beside the engine of related tables.

    python benchmarks/sequences.py [--sets rossmann_100_subsampled ...] [--methods trees relational]

Half of the entities are fitted on, the other half are the holdout. The engine of related tables sees
the entities as an implicit parent. Detection by the metrics of related tables, .5 being best: of single
rows, of entities aggregated (basic, rich), and of rows relative to the others of their entity; beside
each the same of training against holdout entities. Interval over seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.read import read
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.metrics.relational.evaluate import evaluate_dataset
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.synthesizers import CATALOG
from artesian.synthesizers.relational.relational_trees import RelationalTrees
from machine import save

SETS = {
    "rossmann_100_subsampled": ("historical.csv", "Store", "Date", ("Id",)),
    "nycflights_june": ("flights.csv", "tailnum", "time_hour", ("flight_id",)),
    "rossmann_100": ("historical.csv", "Store", "Date", ("Id",)),
}
"""File, entity, time, and columns that number the rows."""

METRICS = (
    "c2st_single_table",
    "c2st_agg",
    "c2st_agg_rich",
    "c2st_within_entity",
    "autocorrelation",
    "inter_event_times",
    "static_columns",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", nargs="*", default=["rossmann_100_subsampled", "nycflights_june"])
    parser.add_argument("--methods", nargs="*", default=["trees", "boosted", "relational"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", default=os.environ.get("ARTESIAN_DATA", "data"))
    asked = parser.parse_args()
    results: dict[str, Any] = {}
    for name in asked.sets:
        table = prepared(Path(asked.data) / "relational" / name, *SETS[name])
        results[name] = {}
        for method in asked.methods:
            results[name][method] = measure(table, method, asked.seeds)
            print(name, method, json.dumps(results[name][method]), flush=True)
    save("sequences", {"sets": results})


def prepared(folder: Path, file: str, entity: str, when: str, dropped: tuple[str, ...]) -> Table:
    """The rows with an entity, in the order of the file."""
    table = read(folder / file)
    names = tuple(name for name in table.schema.names if name not in dropped)
    table = table.select(names)
    key = replace(table.schema[entity], kind=Kind.KEY, nullable=False)
    schema = replace(table.schema.with_columns([key]), entity=entity, time=when, key=())
    return Table(table.frame.drop_nulls(entity), schema, table.origin)


def as_dataset(table: Table) -> Dataset:
    """The rows, and their entities as a parent without further columns."""
    entity = table.schema.entity
    assert entity is not None
    entities = table.frame.select(entity).unique(maintain_order=True)
    schema = Schema(columns=(Column(name=entity, kind=Kind.KEY),), key=(entity,))
    parent = Table(entities, schema, Origin(name="entity"))
    rows = replace(table, schema=replace(table.schema, entity=None))
    key = ForeignKey("rows", (entity,), "entity", (entity,))
    return Dataset({"entity": parent, "rows": rows}, (key,))


def measure(table: Table, method: str, seeds: int) -> dict[str, Any]:
    """Mean of each metric over seeds, that of real entities, and CPU-seconds."""
    entity = str(table.schema.entity)
    entities = table.frame[entity].unique(maintain_order=True)
    values: dict[str, list[float]] = {name: [] for name in METRICS}
    real: dict[str, list[float]] = {name: [] for name in METRICS}
    cpu = []
    for seed in range(seeds):
        mask = np.random.default_rng(seed).permutation(len(entities)) < len(entities) // 2
        chosen = table.frame[entity].is_in(entities.filter(pl.Series(mask)).implode())
        train, holdout = (table.with_frame(table.frame.filter(one)) for one in (chosen, ~chosen))
        start = time.process_time()
        run = Run.from_seed(seed)
        if method == "relational":
            made = RelationalTrees().fit(as_dataset(train), run=run).sample(run=run)
        else:
            sampled = CATALOG[method]().fit(train, run=run).sample(len(train), run=run)
            made = as_dataset(replace(sampled, schema=train.schema))
        cpu.append(time.process_time() - start)
        comparison = DatasetComparison(as_dataset(train), made, as_dataset(holdout), ())
        card = evaluate_dataset(comparison, metrics=METRICS, run=run)
        for result in card.results:
            if result.value is not None:
                values[result.metric].append(result.value)
            if result.reference is not None:
                real[result.metric].append(result.reference)
    return {
        "seeds": seeds,
        "cpu": round(float(np.mean(cpu)), 1),
        "metrics": {name: interval(own) for name, own in values.items() if own},
        "real": {name: round(float(np.mean(own)), 3) for name, own in real.items() if own},
    }


def interval(values: list[float]) -> dict[str, float]:
    """Mean and 95 % interval of it over seeds."""
    mean = float(np.mean(values))
    error = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return {"mean": round(mean, 3), "low": round(mean - error, 3), "high": round(mean + error, 3)}


if __name__ == "__main__":
    main()
