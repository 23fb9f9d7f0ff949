"""Likeness against the strongest membership attack: our privacy levels, and peers.

    python benchmarks/tradeoff.py [--sets adult,credit_default] [--methods trees,cart] [--resume]
    python benchmarks/tradeoff.py --draw

Parts and attacks are those of memorisation.py: the excess is the AUC of the strongest attack on the
synthetic rows minus that on fresh real rows, with n synthetic rows and with 20 n. Likeness is the
detection AUC of protocol.py against holdout rows. Writes results/tradeoff.json after each point and
draws docs/tradeoff.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import numpy as np
import polars as pl

from environments import METHODS
from machine import HERE, RESULTS, save
from memorisation import PARTS, strongest
from protocol import Judge
from sets import SETS, load
from single_table import generate

DATA = ("adult", "credit_default", "california_housing", "covertype_sample")
LEVELS = ("low", "default", "high")
OWN, PEERS = ("trees", "boosted"), ("cart", "tabular_argn")
MAX_ROWS = 14_500
FACTOR = 20
TITLES = {1: "n rows", FACTOR: f"{FACTOR} n rows"}
Point = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(DATA))
    parser.add_argument("--methods", type=lambda text: text.split(","), default=[*OWN, *PEERS])
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="skip the points that are done")
    parser.add_argument("--draw", action="store_true", help="only draw what was measured before")
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE.parent / "src"))
    path = RESULTS / "tradeoff.json"
    points: list[Point] = json.loads(path.read_text())["points"] if path.exists() else []
    for name in asked.sets if not asked.draw else ():
        for method in asked.methods:
            for level in LEVELS if method in OWN else ("",):
                key = {"set": name, "method": method, "level": level}
                same = [point for point in points if key.items() <= point.items()]
                if asked.resume and same:
                    continue
                point = {**key, **measured(name, method, level, asked.splits)}
                points = [*(other for other in points if other not in same), point]
                points.sort(key=place)
                save("tradeoff", {"splits": asked.splits, "points": points})
                print(point, flush=True)
    picture = HERE.parent / "docs" / "tradeoff.svg"
    picture.write_text(drawn(points))
    print(picture)


def place(point: Point) -> tuple[int, int, int]:
    level = LEVELS.index(point["level"]) if point["level"] else 0
    return list(DATA).index(point["set"]), list(METHODS).index(point["method"]), level


def measured(name: str, method: str, level: str, splits: int) -> Point:
    """Means over the splits, and half the 95 % interval of an excess."""
    import artesian as ar
    from artesian.core.run import Run

    frame = load(name)
    rows: list[dict[str, float]] = []
    attacks: dict[int, list[str]] = {1: [], FACTOR: []}
    for split in range(splits):
        order = np.random.default_rng(split).permutation(frame.height)[:MAX_ROWS]
        parts = np.split(order, [int(len(order) * end) for end in PARTS])
        train, holdout, own, fresh = (frame[at] for at in parts)
        real = ar.read(train)
        tables = sampled(train, method, level, split)
        judge = Judge(train, holdout, target=SETS[name].target, task=SETS[name].task)
        scores = judge.judge(tables[0], seed=split)
        keys = ("detection_holdout", "real_vs_real", "tstr", "trtr")
        row = {key: float(scores[key] or 0.0) for key in keys}
        run = Run.from_seed(split)
        given = [real.with_frame(part) for part in (holdout, own)]
        control, _, other = strongest(real, *given, real.with_frame(fresh), run)
        for factor in (1, FACTOR):
            synthetic = real.with_frame(pl.concat(tables[:factor]))
            area, attack, variance = strongest(real, *given, synthetic, run)
            row |= {f"excess_{factor}": area - control, f"variance_{factor}": variance + other}
            attacks[factor].append(attack)
        rows.append(row)
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    point: Point = {"rows": len(parts[0]), "columns": frame.width}
    for factor in (1, FACTOR):
        excesses = [row[f"excess_{factor}"] for row in rows]
        between = float(np.std(excesses, ddof=1)) / splits**0.5 if splits > 1 else 0.0
        within = (means.pop(f"variance_{factor}") / splits) ** 0.5
        point[f"half_{factor}"] = round(1.96 * max(between, within), 4)
        point[f"attack_{factor}"] = max(set(attacks[factor]), key=attacks[factor].count)
    return point | {key: round(value, 4) for key, value in means.items()}


def sampled(train: pl.DataFrame, method: str, level: str, split: int) -> list[pl.DataFrame]:
    """`FACTOR` synthetic tables of as many rows as there are training rows."""
    import artesian as ar
    from artesian.core.run import Run
    from artesian.synthesizers import CATALOG

    if method in OWN:
        run = Run.from_seed(split)
        model = CATALOG[method](privacy=level).fit(ar.read(train), run=run)
        whole = model.sample(FACTOR * train.height, run=run).frame
        return [whole[at * train.height : (at + 1) * train.height] for at in range(FACTOR)]
    folder = HERE / ".runs" / f"tradeoff_{split}" / method
    asked = argparse.Namespace(seeds=FACTOR, threads=os.cpu_count(), timeout=7200.0, epochs=None)
    generate(train, method, folder, asked)
    tables = (pl.read_parquet(folder / f"{seed}.parquet") for seed in range(FACTOR))
    return [table.select(train.columns).cast(dict(train.schema)) for table in tables]


def drawn(points: list[Point]) -> str:
    """SVG: one row of panels a set; left reveals less, down is harder to tell from real rows."""
    import altair as alt
    import vl_convert

    data = [
        {
            "set": point["set"],
            "drawn": TITLES[factor],
            "method": METHODS[point["method"]].title,
            "level": point["level"],
            "order": LEVELS.index(point["level"]) if point["level"] else 0,
            "excess": point[f"excess_{factor}"],
            "low": point[f"excess_{factor}"] - point[f"half_{factor}"],
            "high": point[f"excess_{factor}"] + point[f"half_{factor}"],
            "detection": point["detection_holdout"],
        }
        for point in points
        for factor in (1, FACTOR)
    ]
    scale = alt.Scale(zero=False, padding=12)
    y = alt.Y("detection:Q", title="detection AUC, holdout", scale=scale)
    color = alt.Color("method:N", title=None, legend=alt.Legend(orient="bottom"))
    shape = alt.Shape("method:N", legend=None)
    x = alt.X("excess:Q", title="excess AUC of the strongest attack", scale=scale)
    base = alt.Chart()
    layers = [
        base.mark_rule(opacity=0.3).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y),
        base.mark_line(opacity=0.6).encode(x=x, y=y, color=color, order="order:Q"),
        base.mark_point(filled=True, size=60).encode(x=x, y=y, color=color, shape=shape),
        base.mark_text(align="left", dx=6, dy=-6, fontSize=9).encode(x=x, y=y, text="level:N"),
    ]
    panels = alt.layer(*layers, data=alt.Data(values=data)).properties(width=300, height=190)
    chart = panels.facet(
        row=alt.Row("set:N", title=None, sort=list(DATA)),
        column=alt.Column("drawn:N", title=None, sort=list(TITLES.values())),
    )
    chart = chart.resolve_scale(x="independent", y="independent").properties(background="white")
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


if __name__ == "__main__":
    main()
