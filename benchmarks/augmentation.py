"""Whether synthetic rows of a rare class help a classifier: the study of `artesian augment`.

    ARTESIAN_DATA=/some/folder python benchmarks/augmentation.py [--sets keel_yeast4] [--repeats 5]

Repeated stratified 5-fold cross-validation. Generators, filters and thresholds are fitted inside each
training fold. Learners are LightGBM with its default settings and logistic regression. Each finished
repeat is added to results/augmentation.json, and finished ones are not repeated. `--methods` measures
a set with fewer methods; all repeats of a set have the same ones.
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
    # name: file, target; the class is the rarest one
    "keel_yeast4": ("tabular/keel_yeast4.csv", "class"),
    "keel_abalone19": ("tabular/keel_abalone19.csv", "class"),
    "oil_spill": ("tabular/oil_spill.csv", "class"),
    "cervical_cancer": ("tabular/cervical_cancer.csv", "Biopsy"),
    "mammography": ("tabular/mammography.csv", "class"),
    "pima_diabetes": ("tabular/pima_diabetes.csv", "outcome"),
    "breast_cancer_wdbc": ("tabular/breast_cancer_wdbc.csv", "target_benign"),
}
METHODS = ("trees", "boosted", "gaussian_copula")
FOLDS = 5
RESULT = "augmentation"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--repeats", type=int, default=5, help="number of cross-validations")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--summarise", action="store_true", help="only write the summaries anew")
    asked = parser.parse_args()
    if asked.summarise:
        write(saved_sets())
        return
    for repeat in range(asked.repeats):
        for name in asked.sets:
            saved = saved_sets()
            if str(repeat) in saved.get(name, {}).get("values", {}):
                continue
            measured = one_repeat(name, repeat, saved.get(name, {}).get("methods", asked.methods))
            saved = saved_sets()  # another run may have added to it
            values = saved.get(name, {}).get("values", {}) | measured["values"]
            seconds = saved.get(name, {}).get("seconds", {}) | measured["seconds"]
            saved[name] = measured | {"values": dict(sorted(values.items())), "seconds": seconds}
            ordered = {each: saved[each] for each in SETS if each in saved}
            write(ordered)
            print(name, repeat, measured["seconds"], flush=True)


def write(sets: dict[str, Any]) -> None:
    """Save the sets with their summaries."""
    about = {"folds": FOLDS, "methods": METHODS, "repeats_planned": 5, "sets_planned": list(SETS)}
    save(RESULT, {**about, "sets": {name: one | summary(one) for name, one in sets.items()}})


def summary(one: dict[str, Any]) -> dict[str, Any]:
    """For each learner the gains of the most favourable method, with corrected intervals."""
    from artesian.augmentation.intervals import corrected_interval
    from artesian.augmentation.study import CHEAP, NOTHING

    values = np.concatenate([np.array(each) for each in one["values"].values()], axis=3)

    def of(treatment: str, learner: str, measure: str) -> Any:
        at = (one["treatments"].index(treatment), one["learners"].index(learner))
        return values[(*at, one["measures"].index(measure))]

    def compared(learner: str, measure: str, others: Any) -> dict[str, Any]:
        """The best method against the best of `others`, by their means."""
        method, other = (
            max(names, key=lambda name: of(name, learner, measure).mean())
            for names in (one["methods"], others)
        )
        own, theirs = of(method, learner, measure), of(other, learner, measure)
        difference = corrected_interval(own - theirs, FOLDS).to_dict()
        return {
            "method": method,
            "against": other,
            "mean": round(float(own.mean()), 4),
            "baseline": round(float(theirs.mean()), 4),
            **{name: round(value, 4) for name, value in difference.items() if name != "mean"},
            "difference": round(difference["mean"], 4),
        }

    return {
        "repeats": len(one["values"]),
        "summary": {
            learner: {
                measure: {
                    "nothing": compared(learner, measure, (NOTHING,)),
                    "cheap": compared(learner, measure, CHEAP),
                }
                for measure in ("f1", "f1_tuned", "auroc", "auprc")
            }
            for learner in one["learners"]
        },
    }


def saved_sets() -> dict[str, Any]:
    path = RESULTS / f"{RESULT}.json"
    return json.loads(path.read_text(encoding="utf-8"))["sets"] if path.exists() else {}


def one_repeat(name: str, repeat: int, methods: list[str]) -> dict[str, Any]:
    """All measures of one cross-validation of a set."""
    import artesian as ar
    from artesian.augmentation.learners import linear
    from artesian.augmentation.measures import MEASURES
    from artesian.augmentation.study import StudyPlan, run_study
    from artesian.augmentation.task import ClassTask
    from artesian.core.run import Run
    from artesian.synthesizers import CATALOG

    file, target = SETS[name]
    task = ClassTask.from_table(ar.read(located(file)), target)
    plan = StudyPlan(
        folds=FOLDS,
        repeats=1,
        learners={"LightGBM": lightgbm, "logistic regression": linear},
    )
    generators = {method: CATALOG[method](protect=False) for method in methods}
    started = time.process_time()
    study = run_study(task, generators, plan, Run.from_seed(repeat))
    return {
        "class": task.name,
        "rows": len(task),
        "class_rows": int(task.positive.sum()),
        "columns": len(task.table.schema),
        "methods": methods,
        "treatments": list(study.treatments),
        "learners": list(study.learners),
        "measures": list(MEASURES),
        # (treatments, learners, measures, folds) of each repeat
        "values": {str(repeat): np.round(study.values, 5).tolist()},
        "seconds": {str(repeat): round(time.process_time() - started)},
    }


def lightgbm(train: Any, seed: Any) -> Any:
    import lightgbm as lgb

    model = lgb.LGBMClassifier(n_jobs=1, verbose=-1, random_state=seed.integer() % 2**31)
    model.fit(train.matrix, train.positive, sample_weight=train.weights)
    return lambda matrix: model.predict_proba(matrix)[:, 1]


if __name__ == "__main__":
    main()
