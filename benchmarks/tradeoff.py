"""Likeness against closeness to the training rows, along the one setting that trades them.

    python benchmarks/tradeoff.py --method trees --setting min_leaf --values 5,10,20,50,100

For each value and set: fit, generate with a few seeds, judge. Writes results/tradeoff_METHOD.json
and draws docs/tradeoff_METHOD.svg, with the peers of results/single_table.json as points beside
the curve.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from machine import HERE, RESULTS, save
from protocol import Judge
from sets import SETS, halves

KEYS = ("detection_holdout", "dcr_share", "tstr", "copies")
LEFT_OUT_ABOVE = 0.8  # a method that is caught nearly always would squeeze the curve flat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--method", default="trees")
    parser.add_argument("--setting", required=True)
    parser.add_argument("--values", type=lambda text: [json.loads(v) for v in text.split(",")])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--draw", action="store_true", help="only draw what was measured before")
    asked = parser.parse_args()
    path = RESULTS / f"tradeoff_{asked.method}.json"
    if not asked.draw:
        points = [point for name in asked.sets for point in curve(name, asked)]
        about = {"method": asked.method, "setting": asked.setting, "seeds": asked.seeds}
        path = save(f"tradeoff_{asked.method}", {**about, "points": points})
    measured = json.loads(path.read_text())
    peers = RESULTS / "single_table.json"
    rows = json.loads(peers.read_text())["rows"] if peers.exists() else []
    picture = HERE.parent / "docs" / f"tradeoff_{asked.method}.svg"
    picture.write_text(drawn(measured, rows))
    print(picture)


def curve(name: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """One point for each value of the setting: means over the seeds."""
    sys.path.insert(0, str(HERE.parent / "src"))
    import artesian as ar
    from artesian.core.run import Run
    from artesian.synthesizers import CATALOG

    train, holdout = halves(name)
    judge = Judge(train, holdout, target=SETS[name].target, task=SETS[name].task)
    table = ar.read(train)
    points = []
    for value in asked.values:
        model = CATALOG[asked.method](**{asked.setting: value}).fit(table)
        seeds = range(asked.seeds)
        made = [model.sample(len(table), run=Run.from_seed(seed)).frame for seed in seeds]
        figures = [judge.judge(one, seed=seed) for seed, one in enumerate(made)]
        means = {key: sum(one[key] or 0.0 for one in figures) / asked.seeds for key in KEYS}
        points.append({"set": name, "value": value, **means})
        print(points[-1], flush=True)
    return points


def drawn(measured: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """SVG: one panel a set; left is less like a copy, down is harder to tell from real."""
    import altair as alt
    import vl_convert

    own = f"Artesian {measured['method']}"
    data = [
        {**point, "method": own, "label": f"{point['value']:g}"} for point in measured["points"]
    ]
    sets = {point["set"] for point in data}
    for row in rows:
        if row["status"] != "ok" or row["method"] in ("trees", "boosted") or row["set"] not in sets:
            continue
        means = {key: sum(one[key] for one in row["seeds"]) / len(row["seeds"]) for key in KEYS[:2]}
        if means["detection_holdout"] <= LEFT_OUT_ABOVE:
            data.append(
                {"set": row["set"], "value": 0, "method": row["title"], "label": "", **means}
            )
    base = alt.Chart().encode(
        x=alt.X("dcr_share:Q", title="share nearer to train than to holdout", scale=free()),
        y=alt.Y("detection_holdout:Q", title="detection against holdout", scale=free()),
    )
    # Lines run in the order of the setting's values, not of x.
    line = base.mark_line(color="#888").encode(order="value:Q")
    line = line.transform_filter(alt.datum.method == own)
    dots = base.mark_point(filled=True, size=60).encode(
        color=alt.Color("method:N", title=None), shape=alt.Shape("method:N", title=None)
    )
    words = base.mark_text(align="left", dx=6, dy=-6, fontSize=9).encode(text="label:N")
    panels = alt.layer(line, dots, words, data=alt.Data(values=data)).properties(
        width=260, height=200
    )
    chart = panels.facet(alt.Facet("set:N", title=None), columns=2).resolve_scale(
        x="independent", y="independent"
    )
    chart = chart.properties(
        title=f"At the points: {measured['setting']} of {measured['method']}", background="white"
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def free() -> Any:
    import altair as alt

    return alt.Scale(zero=False, padding=20)


if __name__ == "__main__":
    main()
