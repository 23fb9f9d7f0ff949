"""The scores of the TabSyn protocol (Zhang et al., ICLR 2024), by SDMetrics and XGBoost.

Detection is SDMetrics' detection metric with a default XGBoost classifier in place of its logistic
regression: 2 (1 - AUC), 1 where nothing can be told apart. Shape and Trend are the two properties of
SDMetrics' quality report. Usefulness trains a default XGBoost on synthetic rows and tests it on the
test split: AUC, or the RMSE of the logarithm of the target.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sdmetrics.reports.single_table import QualityReport
from sdmetrics.single_table.detection.sklearn import ScikitLearnClassifierDetectionMetric
from xgboost import XGBClassifier, XGBRegressor

MIN_TARGET, MAX_TARGET = 1, 20_000
"""Bounds of the target before its logarithm, as in TabSyn's code."""


class XGBoostDetection(ScikitLearnClassifierDetectionMetric):
    """SDMetrics' detection with XGBoost."""

    @staticmethod
    def _get_classifier() -> Any:
        return XGBClassifier()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("train", "test", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, nargs="+", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", choices=("class", "number"), required=True)
    parser.add_argument("--categories", type=lambda text: text.split(","), required=True)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    train, test = (read(path, asked.categories) for path in (asked.train, asked.test))
    results = {
        "synthetic": [
            scores(read(path, asked.categories), train, test, asked) for path in asked.synthetic
        ],
        # The test split in the place of the synthetic rows, and a model trained on real rows.
        "reference": {
            **likeness(test, train, asked.categories, "train"),
            "usefulness": usefulness(train, test, asked),
        },
    }
    asked.out.write_text(json.dumps(results, indent=1))


def read(path: Path, categories: list[str]) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    for name in frame:
        if name in categories:
            frame[name] = frame[name].astype("string").fillna("missing").astype(object)
        else:
            frame[name] = frame[name].astype(float)
    return frame


def scores(
    synthetic: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, asked: argparse.Namespace
) -> dict[str, float]:
    return {
        **likeness(synthetic, train, asked.categories, "train"),
        "detection_test": detection(synthetic, test, asked.categories),
        "usefulness": usefulness(synthetic, test, asked),
    }


def likeness(
    synthetic: pd.DataFrame, real: pd.DataFrame, categories: list[str], name: str
) -> dict[str, float]:
    report = QualityReport()
    report.generate(real, synthetic, metadata(real, categories), verbose=False)
    properties = report.get_properties().set_index("Property")["Score"]
    return {
        f"detection_{name}": detection(synthetic, real, categories),
        "shape": float(properties["Column Shapes"]),
        "trend": float(properties["Column Pair Trends"]),
    }


def detection(synthetic: pd.DataFrame, real: pd.DataFrame, categories: list[str]) -> float:
    # One-hot here: SDMetrics' own encoder fails on a category that only one of the tables has.
    both = pd.get_dummies(pd.concat([real, synthetic]), columns=categories, dtype=float)
    tables = both.iloc[: len(real)], both.iloc[len(real) :]
    return float(XGBoostDetection.compute(*tables, metadata(both, [])))


def metadata(frame: pd.DataFrame, categories: list[str]) -> dict[str, Any]:
    kinds = {
        name: {"sdtype": "categorical" if name in categories else "numerical"} for name in frame
    }
    return {"columns": kinds}


def usefulness(rows: pd.DataFrame, test: pd.DataFrame, asked: argparse.Namespace) -> float:
    """AUC, or RMSE of the logarithm, on the test split of a model trained on `rows`."""
    from sklearn.metrics import roc_auc_score

    one_hot = [c for c in asked.categories if c != asked.target]
    both = pd.get_dummies(
        pd.concat([rows, test]).drop(columns=asked.target), columns=one_hot, dtype=float
    )
    x, x_test = both.iloc[: len(rows)].to_numpy(), both.iloc[len(rows) :].to_numpy()
    if asked.task == "class":
        positive = sorted(test[asked.target].unique())[-1]
        model = XGBClassifier().fit(x, rows[asked.target] == positive)
        truth = test[asked.target] == positive
        return float(roc_auc_score(truth, model.predict_proba(x_test)[:, 1]))
    y, y_test = (
        np.log(np.clip(frame[asked.target].to_numpy(), MIN_TARGET, MAX_TARGET))
        for frame in (rows, test)
    )
    error = XGBRegressor().fit(x, y).predict(x_test) - y_test
    return float(np.sqrt(np.mean(error**2)))


if __name__ == "__main__":
    main()
