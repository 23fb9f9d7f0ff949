"""What checks of strangers' files cost: reading tables and loading models, next to an earlier commit.

    python benchmarks/reading.py [--rows 400000] [--rounds 7]

Commit 940cb72 had none of these checks. Each round is a process of either version, in turn; each
measures the CPU seconds of every task, the least of three. `read` is from the file to a frame, `infer`
with all that is inferred of its columns, which is more than it was then. The ratio is that of the
medians over the rounds; the noise is the largest ratio between two halves of the rounds of one version.
Results go to results/reading.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from machine import save
from older import COMMIT, VERSIONS, noise, started

FORMS = ("csv", "parquet", "duckdb")
METHODS = ("Marginals", "Trees", "Boosted")
REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--measure", type=Path, help="used by this program for itself")
    parser.add_argument("--fit", type=Path, help="used by this program for itself")
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measured(asked.measure)))
    elif asked.fit:
        fit(asked.fit)
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), asked.rows, asked.rounds)


def compare(folder: Path, rows: int, rounds: int) -> None:
    """Measure both versions in turn, and save the ratios."""
    write_tables(folder, rows)
    places = {version: folder / version for version in VERSIONS}
    for version, place in places.items():
        place.mkdir()
        started(version, Path(__file__), "--fit", place)
    seconds: dict[str, dict[str, list[float]]] = {version: {} for version in VERSIONS}
    for number in range(rounds):
        for version in VERSIONS if number % 2 else VERSIONS[::-1]:
            for task, least in json.loads(
                started(version, Path(__file__), "--measure", places[version])
            ).items():
                seconds[version].setdefault(task, []).append(least)
    tasks = {}
    for task, old in seconds["old"].items():
        new = seconds["new"][task]
        tasks[task] = {
            "old": round(statistics.median(old), 4),
            "new": round(statistics.median(new), 4),
            "ratio": round(statistics.median(new) / statistics.median(old), 3),
            "noise": round(max(map(noise, (old, new))), 3),
        }
        print(task, tasks[task], flush=True)
    print(save("reading", {"commit": COMMIT, "rows": rows, "rounds": rounds, "tasks": tasks}))


def write_tables(folder: Path, rows: int) -> None:
    import duckdb

    rng = np.random.default_rng(0)
    towns = np.array(["Ulm", "Bonn", "Kiel", "Jena", "Graz"])
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "age": rng.integers(18, 90, rows),
            "pay": np.round(rng.lognormal(10, 1, rows), 2),
            "weight": rng.normal(70, 12, rows),
            "town": towns[rng.integers(0, len(towns), rows)],
            "note": [f"note {n} of {n % 977}" for n in rng.integers(0, 10**6, rows)],
            "member": rng.random(rows) < 0.4,
            "since": pl.Series(rng.integers(0, 18_000, rows)).cast(pl.Int32).cast(pl.Date),
            "score": pl.Series(rng.random(rows)).set(pl.Series(rng.random(rows) < 0.1), None),
        }
    )
    frame.write_csv(folder / "t.csv")
    frame.write_parquet(folder / "t.parquet")
    with duckdb.connect(str(folder / "t.duckdb")) as base:
        base.register("frame", frame.to_arrow())
        base.execute("CREATE TABLE t AS SELECT * FROM frame")


def fit(place: Path) -> None:
    """Save a model of each method: versions do not load models of each other."""
    import artesian as ar

    table = ar.read(pl.read_csv(place.parent / "t.csv", n_rows=5_000).drop("id", "note"))
    for method in METHODS:
        ar.save(getattr(ar, method)().fit(table), place / method)


def read_frame(path: str) -> object:
    """A table without a schema, by the reader of its format in either version."""
    try:
        from artesian.data.formats import FORMATS
        from artesian.data.readers.location import located
    except ImportError:
        from artesian.data.sources.place import located

        from artesian.data.read import READERS

        with located(path) as place:
            return READERS[place.format](place)
    with located(path) as place:
        return FORMATS[place.format].read(place)


def measured(place: Path) -> dict[str, float]:
    """CPU seconds of each task, the least of `REPEATS` after one that is not counted."""
    import artesian as ar

    tasks: dict[str, Callable[[], object]] = {}
    for form in FORMS:
        path = place.parent / f"t.{form}"
        tasks[f"read {form}"] = lambda path=path: read_frame(str(path))
        tasks[f"infer {form}"] = lambda path=path: ar.read(path)
    for method in METHODS:
        tasks[f"load {method.lower()}"] = lambda path=place / method: ar.load(path)
    least = {}
    for name, task in tasks.items():
        task()
        spent = []
        for _ in range(REPEATS):
            before = time.process_time()
            task()
            spent.append(time.process_time() - before)
        least[name] = min(spent)
    return least


if __name__ == "__main__":
    main()
