"""Whether the relations of real tables are found, hold in fresh rows, and are kept by synthesis.

    ARTESIAN_DATA=/some/folder python benchmarks/relations.py
    python benchmarks/relations.py --tables titanic,taxis --without-synthesis

data/relations_by_hand.json lists the relations of 34 public tables; it was written by reading the
tables, before there was a search for relations. Three counts:

found   of the listed relations (relation_matching.py has the rules)
broken  of the relations found in one half of a table, those that hold in less than .995 of the rows
        of the other half to which they apply; each half in turn
kept    of the listed relations, those that hold in at least .995 of the synthetic rows to which they
        apply; as many synthetic rows as real ones, by `trees` with its default settings

A functional dependency is judged by its values: the other half, or the synthetic rows, are to have
the value that the key has in the first half, or in the real table. Synthetic rows are to agree with
each other instead where values are made anew: a key, a column with a role such as 'address', or less
than `KNOWN` of the rows with a key of the real table.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import artesian
from artesian.data.read import read
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.discover import discover
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import Discovered
from fetch import located
from machine import HERE, save
from relation_forms import Form, parse
from relation_matching import CONDITIONAL, fact, matched

LISTED = HERE / "data" / "relations_by_hand.json"
HOLDS = 0.995
KNOWN = 0.9
SPLIT_SEED = 20261130
Row = dict[str, Any]


def main() -> None:
    asked = arguments()
    listed: dict[str, list[Row]] = json.loads(LISTED.read_text(encoding="utf-8"))
    rows: list[Row] = []
    for name, entries in listed.items():
        if asked.tables and short(name) not in asked.tables:
            continue
        path = located(name)
        if not path.exists():
            print(f"{name} is not in {located('')}: left out", flush=True)
            continue
        rows.append(measure(name, path, [parse(one["relation"]) for one in entries], asked))
        print(line(name, rows[-1]["counts"]), flush=True)
    result: Row = {"holds": HOLDS, "known": KNOWN, "method": asked.method}
    result |= {"total": total(rows), "kinds": by_kind(rows), "tables": rows}
    print(line("total", result["total"]))
    for kind, counts in result["kinds"].items():
        print(line(f"  {kind}", counts))
    if asked.tables is None and not asked.without_synthesis:
        print(save("relations", result))
    else:
        print("".join(detail(row) for row in rows), end="")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", type=lambda text: text.split(","), help="short names")
    parser.add_argument("--without-synthesis", action="store_true")
    parser.add_argument("--method", default="trees")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def short(name: str) -> str:
    """adult for tabular/adult.csv.gz, loan for relational/berka_notrans/loan.csv."""
    return Path(name).name.partition(".")[0]


def measure(name: str, path: Path, forms: list[Form], asked: argparse.Namespace) -> Row:
    """All that is said of one table."""
    table, plain = read(path), plain_frame(path)
    started = time.process_time()
    found = discover(table)
    seconds = time.process_time() - started
    listed = found_of(forms, found, plain)
    judged, broken = halves(table)
    if not asked.without_synthesis and forms:
        made = artesian.synth(
            plain, rows=plain.height, method=asked.method, seed=asked.seed, metrics=()
        ).data
        for one, form in zip(listed, forms, strict=True):
            one |= kept(form, plain, made, made_anew(table, form))
    counts = {
        "listed": len(listed),
        "found": sum(one["by"] is not None for one in listed),
        "kept": sum(one.get("kept", 0) >= HOLDS for one in listed),
        "discovered": len(found),
        "judged": judged,
        "broken": len(broken),
        "cpu_seconds": round(seconds, 2),
    }
    size = {"rows": len(table), "columns": len(table.frame.columns)}
    return {"table": name, **size, "counts": counts, "listed": listed, "broken": broken}


def plain_frame(path: Path) -> pl.DataFrame:
    """The table as its file spells it: numbers, and everything else as text."""
    return pl.read_csv(path, infer_schema_length=None)


def found_of(forms: list[Form], found: Iterable[Discovered], frame: pl.DataFrame) -> list[Row]:
    facts = [fact(str(one.relation), one.relation.columns) for one in found]
    return [
        {
            "relation": form.text,
            "kind": form.kind,
            "real": rounded(form.judge(frame).share),
            "by": matched(form, facts, frame),
        }
        for form in forms
    ]


def halves(table: Table) -> tuple[int, list[Row]]:
    """How many relations of each half can be judged in the other, and those broken there."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(table))
    middle = len(order) // 2
    first, second = (table.with_frame(table.frame[at]) for at in (order[:middle], order[middle:]))
    judged, broken = 0, []
    for here, there in ((first, second), (second, first)):
        for one in discover(here):
            share = share_elsewhere(one, here.frame, there.frame)
            judged += share is not None
            if share is not None and share < HOLDS:
                broken.append({"relation": str(one.relation), "holds": rounded(share)})
    return judged, broken


def share_elsewhere(one: Discovered, here: pl.DataFrame, there: pl.DataFrame) -> float | None:
    """Of the rows `there` to which a relation found `here` applies, the fraction where it holds."""
    text = str(one.relation)
    if isinstance(one.relation, PartDependency):
        here, there = (one.relation.with_part(frame) for frame in (here, there))
        text = f'"{one.relation.part}" -> "{one.relation.target}"'
    if "->" in text and not CONDITIONAL.search(text):
        return parse(text).judge(there, here).share
    share = one.relation.holds(there).drop_nulls().mean()
    return float(share) if isinstance(share, int | float) else None


def made_anew(table: Table, form: Form) -> bool:
    """Whether a column of the relation holds keys or stand-ins, which are never those of the source."""
    columns = [table.schema[name] for name in form.columns]
    return any(column.kind is Kind.KEY or column.role for column in columns)


def kept(form: Form, real: pl.DataFrame, made: pl.DataFrame, anew: bool) -> Row:
    """The fraction of the synthetic rows in which a listed relation holds."""
    alone = form.judge(made)
    if form.kind != "dependency" or anew:
        outcome = alone
    else:
        by_value = form.judge(made, real)
        outcome = by_value if by_value.rows >= KNOWN * alone.rows else alone
    return {"kept": rounded(outcome.share) or 0.0, "kept_rows": outcome.rows}


def rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 5)


def total(rows: list[Row]) -> Row:
    """The counts of all tables."""
    sums: dict[str, float] = {}
    for row in rows:
        for name, count in row["counts"].items():
            sums[name] = round(sums.get(name, 0) + count, 2)
    return sums


def by_kind(rows: list[Row]) -> dict[str, Row]:
    """Listed, found and kept relations of each family."""
    counts: dict[str, Row] = {}
    for one in (one for row in rows for one in row["listed"]):
        count = counts.setdefault(one["kind"], {"listed": 0, "found": 0, "kept": 0})
        count["listed"] += 1
        count["found"] += one["by"] is not None
        count["kept"] += one.get("kept", 0) >= HOLDS
    return counts


def detail(row: Row) -> str:
    """What was missed, broken or not kept."""
    missed = [one for one in row["listed"] if one["by"] is None]
    lost = [one for one in row["listed"] if one.get("kept", 1) < HOLDS]
    lines = [f"missed    {one['relation']}" for one in missed]
    lines += [f"kept {one['kept']:.4f} {one['relation']}" for one in lost]
    lines += [f"broken    {one['relation']} (holds {one['holds']:.4f})" for one in row["broken"]]
    return "".join(f"  {short(row['table'])}: {text}\n" for text in lines)


def line(name: str, counts: Row) -> str:
    return f"{name:42}" + "  ".join(f"{what} {count:>4}" for what, count in counts.items())


if __name__ == "__main__":
    main()
