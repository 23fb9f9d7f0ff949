"""What a scorecard without attacks says, computed with the field's own tools, call by call.

SDMetrics' quality and diagnostic reports; scipy's distances, scikit-learn's mutual information,
detectors and learners, prdc, fairlearn and statsmodels for the rest, on the same rows as ours where a
measure is super-linear. Each real-against-real reference that our scorecard gives is computed too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

DRAWN = 5_000


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("real", "synthetic", "holdout", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--sensitive", type=lambda text: text.split(","), required=True)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    tables = [pd.read_parquet(place) for place in (asked.real, asked.synthetic, asked.holdout)]
    import fairlearn.metrics  # noqa: F401
    import prdc  # noqa: F401
    import sdmetrics.reports.single_table  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import statsmodels.api  # noqa: F401

    spent = {}
    for name, work in STEPS.items():
        before = harness.clock()
        work(*tables, asked.target, asked.sensitive)
        spent[name] = harness.since(before)
    told = {"steps": spent, "wall": sum(s["wall"] for s in spent.values())}
    told |= {"cpu": sum(s["cpu"] for s in spent.values()), "at": time.time()}
    asked.out.write_text(json.dumps(told))


def reports(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    from sdmetrics.reports.single_table import DiagnosticReport, QualityReport

    kinds = {
        name: {
            "sdtype": "numerical" if pd.api.types.is_numeric_dtype(real[name]) else "categorical"
        }
        for name in real
    }
    for other in (made, held):
        QualityReport().generate(real, other, {"columns": kinds}, verbose=False)
        DiagnosticReport().generate(real, other, {"columns": kinds}, verbose=False)


def columns(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import wasserstein_distance
    from sdmetrics.single_column import CategoryCoverage, MissingValueSimilarity, RangeCoverage

    for other in (made, held):
        for name in real:
            one, two = real[name], other[name]
            MissingValueSimilarity.compute(one, two)
            if pd.api.types.is_numeric_dtype(one):
                wasserstein_distance(one.dropna(), two.dropna())
                RangeCoverage.compute(one, two)
                edges = np.unique(np.quantile(one.dropna(), np.linspace(0, 1, 21)))
                shares = [np.histogram(v.dropna(), edges)[0] for v in (one, two)]
            else:
                CategoryCoverage.compute(one, two)
                levels = pd.concat([one, two]).unique()
                shares = [v.value_counts().reindex(levels, fill_value=0) for v in (one, two)]
            jensenshannon(*shares)


def pairs(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    from scipy.stats import spearmanr
    from scipy.stats.contingency import association, crosstab
    from sklearn.metrics import normalized_mutual_info_score

    for table in (real, made, held):
        coded = codes(table, real)
        numbers = [n for n in real if pd.api.types.is_numeric_dtype(real[n])]
        spearmanr(table[numbers], nan_policy="omit")
        table[numbers].corr()
        for a, b in combinations(real.columns, 2):
            normalized_mutual_info_score(coded[a], coded[b])
            if a not in numbers and b not in numbers:
                association(crosstab(coded[a], coded[b]).count)


def joint(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    import prdc
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics.pairwise import rbf_kernel
    from sklearn.model_selection import cross_val_predict

    points = {k: dense(t, real, DRAWN) for k, t in zip("rmh", (real, made, held), strict=True)}
    for one in ("m", "r"):
        x = np.vstack([points[one], points["h"]])
        y = np.repeat([0, 1], [len(points[one]), len(points["h"])])
        trees = HistGradientBoostingClassifier(max_iter=80, early_stopping=False)
        for learner in (trees, LogisticRegression(max_iter=500)):
            cross_val_predict(learner, x, y, cv=3, method="predict_proba")
        prdc.compute_prdc(points["h"], points[one], nearest_k=5)
        for a, b in ((one, one), (one, "h"), ("h", "h")):
            rbf_kernel(points[a], points[b])


def utility(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    import statsmodels.api as sm
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    test, truth = dense(held.drop(columns=target), real), held[target] == real[target].iloc[0]
    both = pd.concat([real, made])
    for table in (real, made, both):
        x, y = dense(table.drop(columns=target), real), table[target] == real[target].iloc[0]
        trees = HistGradientBoostingClassifier(early_stopping=False).fit(x, y)
        roc_auc_score(truth, trees.predict_proba(test)[:, 1])
        if table is both:
            continue
        fair(trees.predict(test), truth, held, sensitive)
        permutation_importance(trees, test[:DRAWN], truth[:DRAWN], n_repeats=1, scoring="roc_auc")
        linear = LogisticRegression(max_iter=500).fit(x, y)
        roc_auc_score(truth, linear.predict_proba(test)[:, 1])
        for learner in (DecisionTreeClassifier(), GaussianNB(), KNeighborsClassifier()):
            learner.fit(x[:DRAWN], y[:DRAWN]).predict_proba(test[:DRAWN])
        keep = x.std(axis=0) > 0.02
        sm.GLM(y.astype(float), sm.add_constant(x[:, keep]), family=sm.families.Binomial()).fit()


def intervals(real: Any, made: Any, held: Any, target: str, sensitive: list[str]) -> None:
    """What our scorecard does for the intervals of usefulness: five fits with a fifth left out of each
    model, and 200 resamples of the unseen rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import KFold
    from sklearn.utils import resample

    test, truth = dense(held.drop(columns=target), real), held[target] == real[target].iloc[0]
    truth = truth.to_numpy()
    for table in (real, made, pd.concat([real, made])):
        x = dense(table.drop(columns=target), real)
        y = (table[target] == real[target].iloc[0]).to_numpy()
        for learner in (
            HistGradientBoostingClassifier(early_stopping=False),
            LogisticRegression(max_iter=500),
        ):
            for kept, _ in KFold(5, shuffle=True, random_state=0).split(x):
                scores = learner.fit(x[kept], y[kept]).predict_proba(test)[:, 1]
            for seed in range(200):
                rows = resample(np.arange(len(truth)), random_state=seed)
                roc_auc_score(truth[rows], scores[rows])


def fair(predicted: Any, truth: Any, held: Any, sensitive: list[str]) -> None:
    from fairlearn import metrics

    for name in sensitive:
        groups = held[name].fillna("missing")
        metrics.demographic_parity_difference(truth, predicted, sensitive_features=groups)
        metrics.equalized_odds_difference(truth, predicted, sensitive_features=groups)
        metrics.MetricFrame(
            metrics=metrics.selection_rate,
            y_true=truth,
            y_pred=predicted,
            sensitive_features=groups,
        )


def codes(table: Any, real: Any) -> Any:
    """Categories as codes, numbers as deciles of the real column."""
    made = {}
    for name in table:
        values = table[name]
        if pd.api.types.is_numeric_dtype(values):
            edges = np.unique(np.quantile(real[name].dropna(), np.linspace(0, 1, 11)[1:-1]))
            made[name] = np.searchsorted(edges, values)
        else:
            made[name] = values.astype(pd.CategoricalDtype(real[name].dropna().unique())).cat.codes
    return pd.DataFrame(made)


def dense(table: Any, real: Any, rows: int | None = None) -> Any:
    """One-hot categories and standardised numbers."""
    if rows is not None and len(table) > rows:
        table = table.sample(rows, random_state=0)
    parts = []
    for name in table:
        if pd.api.types.is_numeric_dtype(real[name]):
            spread = real[name].std() or 1.0
            parts.append(
                ((table[name] - real[name].mean()) / spread).fillna(0.0).to_numpy()[:, None]
            )
        else:
            kind = pd.CategoricalDtype(sorted(real[name].dropna().unique()))
            parts.append(pd.get_dummies(table[name].astype(kind)).to_numpy(float))
    return np.hstack(parts)


STEPS: dict[str, Callable[..., None]] = {
    "SDMetrics reports": reports,
    "columns": columns,
    "pairs": pairs,
    "joint": joint,
    "utility and fairness": utility,
    "intervals of usefulness": intervals,
}

if __name__ == "__main__":
    main()
