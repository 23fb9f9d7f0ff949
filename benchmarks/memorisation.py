"""How much more of its training rows a generator reveals than fresh real rows reveal.

    ARTESIAN_DATA=/some/folder python benchmarks/memorisation.py [--methods trees,boosted] [--splits 5]
    python benchmarks/memorisation.py --sets adult,oil_spill --methods "trees(min_gain=12)"

Each split has 35 % training rows, 35 % holdout rows, 15 % rows of the attacker, and 15 % fresh rows.
The attacks of `membership_worst` tell training rows from holdout rows, with the synthetic rows and
those of the attacker; then with the fresh rows in the place of the synthetic ones. The excess is the
maximum over the attacks for the former minus that for the latter, for as many rows as there are
training rows and for 20 times as many. Its interval is over splits and rows.

`--white-box` adds two readers of the files: of the model and of its release model. Their excess is how
much the AUC of the strongest attack by likelihoods is above 0.5.

`--save` adds the splits of a run to results/memorisation.json, so that it can be measured in pieces.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np

from fetch import located
from machine import HERE, RESULTS, save

sys.path.insert(0, str(HERE.parent / "src"))

SETS = {
    # name: file, maximum number of rows
    "adult": ("tabular/adult.csv.gz", 14_500),
    "credit_default": ("tabular/credit_default.csv.gz", 14_500),
    "california_housing": ("tabular/california_housing.csv", 14_500),
    "online_shoppers": ("tabular/online_shoppers.csv", 8_000),
    "surv_flchain": ("tabular/surv_flchain.csv", 7_800),
    "keel_page_blocks0": ("tabular/keel_page_blocks0.csv", 5_400),
    "covertype_sample": ("tabular/covertype_sample.csv", 2_800),
    "keel_winequality_red_4": ("tabular/keel_winequality_red_4.csv", 2_800),
    "german_credit": ("tabular/german_credit.csv", 2_100),
    "oil_spill": ("tabular/oil_spill.csv", 2_100),
}
PARTS = (0.35, 0.70, 0.85)
FACTORS = (1, 20)
MAX_TARGETS = 4_000
DEFAULT = "trees,boosted,marginals"
READERS = ("work", "release")
KINDS = (*map(str, FACTORS), *READERS)
RESULT = "memorisation"


def main() -> None:
    from artesian.runs.settings import split_list

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", default=DEFAULT)
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--splits", type=int, default=5, help="number of splits")
    parser.add_argument("--first", type=int, default=0, help="number of the first split")
    parser.add_argument("--factors", type=lambda t: [int(f) for f in t.split(",")], default=FACTORS)
    parser.add_argument("--detection", action="store_true", help="also the AUC of the detector")
    parser.add_argument("--white-box", action="store_true", help="also readers of the model")
    parser.add_argument("--save", action="store_true", help="update the results")
    asked = parser.parse_args()
    rows = []
    for name in asked.sets:
        for method in split_list(asked.methods):
            row = measured(name, method, asked)
            rows.append(with_saved_splits(row) if asked.save else row)
            print(line(rows[-1] | summary(rows[-1])), flush=True)
    if asked.save:
        every = {(row["set"], row["method"]): row for row in [*saved_rows(), *rows]}
        order = sorted(every, key=lambda key: (list(SETS).index(key[0]), key[1]))
        result = [every[key] | summary(every[key]) for key in order]
        print(save(RESULT, {"sets": result}))


def saved_rows() -> list[dict[str, Any]]:
    path = RESULTS / f"{RESULT}.json"
    return json.loads(path.read_text(encoding="utf-8"))["sets"] if path.exists() else []


def with_saved_splits(row: dict[str, Any]) -> dict[str, Any]:
    """`row` with the saved splits, and figures of splits, that it does not have."""
    for saved in saved_rows():
        if (saved["set"], saved["method"]) == (row["set"], row["method"]):
            splits = saved["splits"] | {
                split: saved["splits"].get(split, {}) | figures
                for split, figures in row["splits"].items()
            }
            return row | {"splits": dict(sorted(splits.items()))}
    return row


def line(row: dict[str, Any]) -> str:
    cells = [
        f"{kind}: {row[f'excess_{kind}']:+.3f} ({row[f'low_{kind}']:+.3f} to "
        f"{row[f'high_{kind}']:+.3f}) {row[f'attack_{kind}']}"
        for kind in KINDS
        if f"excess_{kind}" in row
    ]
    detection = "".join(f" {key} {row[key]:.3f}" for key in row if key.startswith("detection"))
    head = f"{row['set']:24} {row['method']:12} {row['rows']:6} x {row['columns']:3}"
    return f"{head} fit {row['cpu_seconds']:5.1f} CPU-s  " + "  ".join(cells) + detection


def measured(name: str, method: str, asked: argparse.Namespace) -> dict[str, Any]:
    import artesian as ar
    from artesian.core.run import Run
    from artesian.runs.settings import parse_method, typed_settings
    from artesian.synthesizers import CATALOG
    from artesian.synthesizers.release import release_model

    file, max_rows = SETS[name]
    whole = ar.read(located(file))
    base, texts = parse_method(method)
    settings = typed_settings(CATALOG[base], texts)
    row: dict[str, Any] = {"set": name, "method": method, "columns": len(whole.schema.names)}
    row["splits"] = {}
    for split in range(asked.first, asked.first + asked.splits):
        order = np.random.default_rng(split).permutation(len(whole))[:max_rows]
        parts = np.split(order, [int(len(order) * end) for end in PARTS])
        train, holdout, own, fresh = (whole.with_frame(whole.frame[at]) for at in parts)
        row["rows"] = len(train)
        run = Run.from_seed(split)
        started = time.process_time()
        model = CATALOG[base](**settings).fit(train, run=run)
        out: dict[str, Any] = {"cpu_seconds": round(time.process_time() - started, 2)}
        out["nats"] = model.facts()["memorised"]["nats"]

        control, _, other = strongest(train, holdout, own, fresh, run)
        for factor in asked.factors:
            synthetic = model.sample(factor * len(train), run=run)
            attacked, attack, variance = strongest(train, holdout, own, synthetic, run)
            out[str(factor)] = [attacked - control, variance + other, attack]
            if asked.detection and factor == 1:
                out["detection"] = detected(train, synthetic, holdout, run)
        for kind in READERS if asked.white_box else ():
            each = model if kind == "work" else release_model(model, len(train), run=run)
            attacked, attack, variance = read(each, train, holdout, own, run)
            out[kind] = [attacked - 0.5, variance, attack]
            if asked.detection and kind == "release":
                synthetic = each.sample(len(train), run=run)
                out["detection_release"] = detected(train, synthetic, holdout, run)
        row["splits"][str(split)] = out
    return row


def detected(train: Any, synthetic: Any, holdout: Any, run: Any) -> float:
    """AUC of the detector of the scorecard, on holdout rows."""
    from artesian.metrics.fidelity.c2st import C2STHoldout
    from artesian.metrics.protocol import Comparison

    value = C2STHoldout()(Comparison(train, synthetic, holdout), run=run).value
    return round(float(value or 0), 4)


def summary(row: dict[str, Any]) -> dict[str, Any]:
    """Means over the splits of `row`, and intervals of the excess."""
    splits = list(row["splits"].values())
    out: dict[str, Any] = {}
    for key in ("cpu_seconds", "nats", "detection", "detection_release"):
        figures = [split[key] for split in splits if key in split]
        if figures:
            out[key] = round(float(np.mean(figures)), 4)
    for kind in KINDS:
        outcomes = [split[kind] for split in splits if kind in split]
        if not outcomes:
            continue
        values, variances, attacks = (list(part) for part in zip(*outcomes, strict=True))
        # Both the splits and the rows within them vary; the larger of both errors counts.
        between = np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0
        within = (np.mean(variances) / len(values)) ** 0.5
        mean, half = float(np.mean(values)), 1.96 * max(float(between), float(within))
        out |= {
            f"excess_{kind}": round(mean, 4),
            f"low_{kind}": round(mean - half, 4),
            f"high_{kind}": round(mean + half, 4),
            f"attack_{kind}": max(sorted(set(attacks)), key=attacks.count),
        }
    return out


def strongest(
    train: Any, holdout: Any, own: Any, synthetic: Any, run: Any
) -> tuple[float, str, float]:
    """The largest AUC over the attacks, the attack, and the variance of its AUC."""
    import polars as pl

    from artesian.metrics.common.encoding import encode
    from artesian.metrics.common.metric_space import MetricSpace
    from artesian.metrics.common.roc import auc_delong
    from artesian.metrics.privacy.attacks.density_chain import RowCoder
    from artesian.metrics.privacy.attacks.row_attacks import AttackRows, attack_rows, fit_chains
    from artesian.metrics.protocol import Comparison

    both = holdout.with_frame(pl.concat([holdout.frame, own.frame]))
    encoded = encode(Comparison(train, synthetic, both))
    assert encoded.holdout is not None
    is_own = encoded.holdout.positions >= len(holdout)
    controls = encoded.holdout.take(np.flatnonzero(~is_own))
    reference = encoded.holdout.take(np.flatnonzero(is_own))
    members, controls = (
        rows.subsample(MAX_TARGETS, run.seed.child("targets", name))
        for name, rows in (("train", encoded.real), ("holdout", controls))
    )
    names = tuple(column.name for column in encoded.columns)
    made = encoded.synthetic.subsample(100_000, run.seed.child("synthetic"))
    coder = RowCoder.fit(made)
    chains = fit_chains(made, coder, run.seed.child("chains"), run)
    space = MetricSpace.from_encoded(encoded, names).scaled_to(encoded.real, encoded.holdout)
    rows = AttackRows(
        members.concatenated(controls), made, reference, space, coder, chains, run.seed
    )
    is_member = np.repeat([True, False], [members.height, controls.height])
    outcome = attack_rows(rows, run)
    areas = {name: auc_delong(is_member, scores) for name, scores in outcome.scores.items()}
    best = max(areas, key=lambda name: areas[name][0])
    return areas[best][0], best, areas[best][1]


def read(model: Any, train: Any, holdout: Any, own: Any, run: Any) -> tuple[float, str, float]:
    """The largest AUC over the attacks of whoever reads `model`, the attack, and its variance."""
    from artesian.metrics.common.roc import auc_delong
    from artesian.metrics.privacy.attacks.white_box import attack_densities

    reference = model.settings.fit_encoded(own, model.codec, run=run.child("reference"))
    own_density, other_density = (
        np.concatenate([each.log_densities(part, run=run) for part in (train, holdout)], axis=1)
        for each in (model, reference)
    )
    is_member = np.repeat([True, False], [len(train), len(holdout)])
    scores = attack_densities(own_density, other_density).scores
    areas = {name: auc_delong(is_member, values) for name, values in scores.items()}
    best = max(areas, key=lambda name: areas[name][0])
    return areas[best][0], best, areas[best][1]


if __name__ == "__main__":
    main()
