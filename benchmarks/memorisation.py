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

The rows of the default sets and methods are kept in results/memorisation.json; those of a run replace
them, so that it can be measured in pieces, with `--save`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
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
RESULT = "memorisation"


def main() -> None:
    from artesian.runs.settings import split_list

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", default=DEFAULT)
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--factors", type=lambda t: [int(f) for f in t.split(",")], default=FACTORS)
    parser.add_argument("--detection", action="store_true", help="also the AUC of the detector")
    parser.add_argument("--white-box", action="store_true", help="also readers of the model")
    parser.add_argument("--save", action="store_true", help="update the results")
    asked = parser.parse_args()
    rows = []
    for name in asked.sets:
        for method in split_list(asked.methods):
            rows.append(measured(name, method, asked))
            print(line(rows[-1]), flush=True)
    if asked.save:
        print(save(RESULT, {"sets": merged(rows)}))


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rows` in place of the saved rows of the same sets and methods, in the order of `SETS`."""
    path = RESULTS / f"{RESULT}.json"
    saved = json.loads(path.read_text(encoding="utf-8"))["sets"] if path.exists() else []
    every = {(row["set"], row["method"]): row for row in [*saved, *rows]}
    return [every[key] for key in sorted(every, key=lambda key: (list(SETS).index(key[0]), key[1]))]


def line(row: dict[str, Any]) -> str:
    cells = [
        f"{kind}: {row[f'excess_{kind}']:+.3f} ({row[f'low_{kind}']:+.3f} to "
        f"{row[f'high_{kind}']:+.3f}) {row[f'attack_{kind}']}"
        for kind in (*row["factors"], *READERS)
        if f"excess_{kind}" in row
    ]
    detection = "".join(f" {key} {row[key]:.3f}" for key in row if key.startswith("detection"))
    head = f"{row['set']:24} {row['method']:12} {row['rows']:6} x {row['columns']:3}"
    return f"{head} fit {row['cpu_seconds']:5.1f} CPU-s  " + "  ".join(cells) + detection


def measured(name: str, method: str, asked: argparse.Namespace) -> dict[str, Any]:
    import artesian as ar
    from artesian.core.run import Run
    from artesian.metrics.fidelity.c2st import C2STHoldout
    from artesian.metrics.protocol import Comparison
    from artesian.runs.settings import parse_method, typed_settings
    from artesian.synthesizers import CATALOG
    from artesian.synthesizers.release import release_model

    file, max_rows = SETS[name]
    whole = ar.read(located(file))
    base, texts = parse_method(method)
    settings = typed_settings(CATALOG[base], texts)
    excess: dict[int | str, list[float]] = defaultdict(list)
    variances: dict[int | str, list[float]] = defaultdict(list)
    best: dict[int | str, list[str]] = defaultdict(list)
    nats: list[float] = []
    seconds, detection, train_rows = 0.0, defaultdict(list), 0
    for split in range(asked.splits):
        order = np.random.default_rng(split).permutation(len(whole))[:max_rows]
        parts = np.split(order, [int(len(order) * end) for end in PARTS])
        train, holdout, own, fresh = (whole.with_frame(whole.frame[at]) for at in parts)
        train_rows = len(train)
        run = Run.from_seed(split)
        started = time.process_time()
        model = CATALOG[base](**settings).fit(train, run=run)
        seconds += time.process_time() - started
        nats.append(model.facts()["memorised"]["nats"])
        control, _, other = strongest(train, holdout, own, fresh, run)
        for factor in asked.factors:
            synthetic = model.sample(factor * len(train), run=run)
            attacked, attack, variance = strongest(train, holdout, own, synthetic, run)
            excess[factor].append(attacked - control)
            variances[factor].append(variance + other)
            best[factor].append(attack)
            if asked.detection and factor == 1:
                result = C2STHoldout()(Comparison(train, synthetic, holdout), run=run)
                detection["detection"].append(result.value)
        for kind in READERS if asked.white_box else ():
            each = model if kind == "work" else release_model(model, len(train), run=run)
            attacked, attack, variance = read(each, train, holdout, own, run)
            excess[kind].append(attacked - 0.5)
            variances[kind].append(variance)
            best[kind].append(attack)
            if asked.detection and kind == "release":
                released = each.sample(len(train), run=run)
                result = C2STHoldout()(Comparison(train, released, holdout), run=run)
                detection["detection_release"].append(result.value)
    row: dict[str, Any] = {
        "set": name,
        "method": method,
        "rows": train_rows,
        "columns": len(whole.schema.names),
        "splits": asked.splits,
        "cpu_seconds": round(seconds / asked.splits, 2),
        "nats": round(float(np.mean(nats)), 3),
        "factors": list(asked.factors),
    }
    row |= {key: round(float(np.mean(values)), 4) for key, values in detection.items()}
    for factor in excess:
        values = np.array(excess[factor])
        # Both the splits and the rows within them vary; the larger of both errors counts.
        between = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0
        within = (np.mean(variances[factor]) / len(values)) ** 0.5
        half = 1.96 * max(float(between), float(within))
        row |= {
            f"excess_{factor}": round(float(values.mean()), 4),
            f"low_{factor}": round(float(values.mean()) - half, 4),
            f"high_{factor}": round(float(values.mean()) + half, 4),
            f"attack_{factor}": max(set(best[factor]), key=best[factor].count),
        }
    return row


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
