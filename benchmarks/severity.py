"""Whether the verdict sees the faults of awkward tables, and sees none in real rows.

    python benchmarks/severity.py [--seeds 5] [--cases B13,O2]

For each table of tests/data_sets/cases, two tables take the place of the synthetic one:

* old: what an earlier version made of it (tests/data_sets/cases_old; commit 940cb72, `trees`), with
  the faults that issue reports describe: totals that are no sums, prices made digit by digit,
  people mixed up. Real rows are split at random into four fifths and a holdout.
* half: a random half of the real table itself; the other half is split into real rows and holdout.

The verdict should say "Hard to tell from real rows" for every half and for no old table. A half is a
random sample, so one in ten or so is told apart by chance (false_alarms.py has the rates).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from machine import HERE, save

TABLES = HERE.parent / "tests" / "data_sets"
HARD = "Hard to tell"
METRICS = ("c2st_holdout", "c2st_logistic", "validity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cases", type=lambda text: tuple(text.split(",")), default=("",))
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE.parent / "src"))
    cases = {}
    print(f"{'case':28} {'old: hard':>10} {'AUC':>5} {'half: hard':>11} {'AUC':>5}  old, seed 0")
    for old in sorted((TABLES / "cases_old").glob("*.csv.gz")):
        name = old.name.removesuffix(".csv.gz")
        source = TABLES / "cases" / f"{name}.csv"
        if source.exists() and name.startswith(asked.cases):
            cases[name] = measured(source, old, asked.seeds)
            print(line(name, cases[name], asked.seeds), flush=True)
    print(save("severity", {"seeds": asked.seeds, "cases": cases}))


def measured(source: Path, old: Path, seeds: int) -> dict[str, Any]:
    """The verdicts on one table, for each seed."""
    with source.open(newline="") as file:
        header, *rows = csv.reader(file)
    import artesian as ar

    schema = ar.read(source).schema
    found: dict[str, Any] = {"old": [], "half": []}
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "old.csv"
        made.write_bytes(gzip.decompress(old.read_bytes()))
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(rows))
            fifth, quarter = len(rows) // 5, len(rows) // 4
            parts = {"holdout": order[:fifth], "real": order[fifth:]}
            files = written(Path(folder), header, rows, parts)
            found["old"].append(judged(files["real"], made, files["holdout"], schema, seed))
            parts = {
                "holdout": order[:quarter],
                "real": order[quarter : 2 * quarter],
                "half": order[2 * quarter :],
            }
            files = written(Path(folder), header, rows, parts)
            found["half"].append(
                judged(files["real"], files["half"], files["holdout"], schema, seed)
            )
    return found


def written(
    folder: Path, header: list[str], rows: list[list[str]], parts: dict[str, Any]
) -> dict[str, Path]:
    """A CSV file of each part of the rows."""
    for name, places in parts.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *(rows[place] for place in np.sort(places))])
    return {name: folder / f"{name}.csv" for name in parts}


def judged(real: Path, synthetic: Path, holdout: Path, schema: Any, seed: int) -> dict[str, Any]:
    """The verdict and the figures behind it; the error if the tables cannot be compared."""
    import artesian as ar

    try:
        card = ar.compare(real, synthetic, holdout, schema=schema, seed=seed, metrics=METRICS)
    except ar.ArtesianError as error:
        return {"verdict": f"refused: {error.problem}", "hard": False}
    figures = {name: (card[name].value, card[name].reference) for name in METRICS}
    revealing = card["c2st_holdout"].explanation.rpartition("; ")[2]
    hard = card.verdict.startswith(HARD)
    return {"verdict": card.verdict, "hard": hard, "revealing": revealing, **figures}


def line(name: str, found: dict[str, Any], seeds: int) -> str:
    """One line of the table: how often each was hard to tell, and the mean AUC."""
    cells = []
    for side, width in (("old", 10), ("half", 11)):
        areas = [one["c2st_holdout"][0] for one in found[side] if "c2st_holdout" in one]
        areas = [area for area in areas if area is not None]
        hard = sum(one["hard"] for one in found[side])
        mean = f"{np.mean(areas):.2f}" if areas else "-"
        cells.append(f"{f'{hard} of {seeds}':>{width}} {mean:>5}")
    first = found["old"][0]
    why = first.get("revealing", "") if "c2st_holdout" in first else ""
    return f"{name:28} {' '.join(cells)}  {first['verdict'].partition(' (')[0][:60]}; {why[:90]}"


if __name__ == "__main__":
    main()
