"""The judge of every single-table benchmark: one protocol for our own methods and for the peers.

Detection is a classifier two-sample test (Lopez-Paz & Oquab, 2017) by LightGBM: 80 trees of 31
leaves, learning rate 0.1, 5,000 rows a side, 5 folds, categories as codes; 0.5 means "cannot tell
apart". Usefulness is train-synthetic-test-real with the same learner. Closeness is the share of
synthetic rows nearer to train than to holdout (both cut to the same size, ties counted half); 0.5
means "not copying".

It knows nothing of the package it judges: frames in, numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TREES, LEAVES, RATE, FOLDS = 80, 31, 0.1, 5
SIDE = 5_000
"""Rows of each side in a detection test, and synthetic rows whose nearest rows are searched."""
_TIE = 1e-9
_BLOCK = 1_000


def judge_protocol(
    train: Any,
    holdout: Any,
    synthetic: Any,
    *,
    target: str | None = None,
    task: str = "class",
    seed: int = 0,
) -> dict[str, float | None]:
    """Judge one synthetic table; frames are Polars or pandas with the same columns in any order.

    `seed` picks the rows that are compared. Give each generation seed its own and every method the
    same ones, so that differences between methods are paired. Same inputs, same numbers.

    Returns:
        detection_train, detection_holdout, real_vs_real (AUC), tstr, trtr (AUC or R2; None without
        a `target`), dcr_share, copies (share of synthetic rows equal to a train row) and
        copies_reference (share of holdout rows equal to a train row).
    """
    return Judge(train, holdout, target=target, task=task).judge(synthetic, seed=seed)


class Judge:
    """The protocol for one split; what depends on real rows alone is worked out once and kept."""

    def __init__(
        self, train: Any, holdout: Any, *, target: str | None = None, task: str = "class"
    ) -> None:
        real, held = as_polars(train), as_polars(holdout)
        self.target, self.task = target, task
        self._coder = Coder.of(pl.concat([real, held], how="vertical_relaxed"))
        self._train, self._holdout = self._coder.codes(real), self._coder.codes(held)
        self._real_vs_real: dict[int, float] = {}

    def judge(self, synthetic: Any, *, seed: int = 0) -> dict[str, float | None]:
        """As `judge_protocol`."""
        made = self._coder.codes(as_polars(synthetic))
        if seed not in self._real_vs_real:
            self._real_vs_real[seed] = detection(self._train, self._holdout, seed)
        return {
            "detection_train": detection(made, self._train, seed),
            "detection_holdout": detection(made, self._holdout, seed),
            "real_vs_real": self._real_vs_real[seed],
            "tstr": self._useful(made),
            "trtr": self._trtr,
            "dcr_share": self.dcr_share(made, seed),
            "copies": copies(made, self._train),
            "copies_reference": self._copies_reference,
        }

    def dcr_share(self, made: Matrix, seed: int) -> float:
        """Share of (at most `SIDE`) synthetic rows nearer to train; ties count half."""
        rng = np.random.default_rng((seed, 3))
        size = min(len(self._train), len(self._holdout))
        near = self._coder.space(_pick(self._train, size, rng))
        far = self._coder.space(_pick(self._holdout, size, rng))
        points = self._coder.space(_pick(made, SIDE, rng))
        to_train, to_holdout = nearest(points, near), nearest(points, far)
        nearer = to_train < to_holdout - _TIE
        tied = np.abs(to_train - to_holdout) <= _TIE
        return float(nearer.mean() + tied.mean() / 2)

    def useful(self, synthetic: Any) -> float | None:
        """Train on `synthetic`, test on the holdout; None without a target."""
        return self._useful(self._coder.codes(as_polars(synthetic)))

    @property
    def trtr(self) -> float | None:
        """Train on the training rows, test on the holdout; None without a target."""
        return self._trtr

    @cached_property
    def _trtr(self) -> float | None:
        return self._useful(self._train)

    @cached_property
    def _copies_reference(self) -> float:
        return copies(self._holdout, self._train)

    def _useful(self, rows: Matrix) -> float | None:
        if self.target is None:
            return None
        at = self._coder.names.index(self.target)
        return useful(rows, self._holdout, at, self.task)


def as_polars(frame: Any) -> pl.DataFrame:
    """A Polars frame of a Polars or pandas one."""
    if isinstance(frame, pl.DataFrame):
        return frame
    return pl.from_pandas(frame)


@dataclass(frozen=True)
class Coder:
    """Columns to numbers, learned from all real rows: categories to codes, the rest as they are."""

    names: list[str]
    words: dict[str, pl.Series]
    ranks: dict[str, Matrix] = field(default_factory=dict)
    scales: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, real: pl.DataFrame) -> Coder:
        words = {
            name: real[name].cast(pl.String).drop_nulls().unique().sort()
            for name, kind in real.schema.items()
            if not kind.is_numeric()
        }
        coder = cls(real.columns, words)
        for name in real.columns:
            if name not in words:
                values = np.sort(_numbers(real[name]))
                values = values[~np.isnan(values)]
                spread = float(values.std()) if len(values) else 0.0
                coder.ranks[name] = values
                coder.scales[name] = (
                    float(values.mean()) if len(values) else 0.0,
                    spread if spread > 0 else 1.0,
                )
        return coder

    def codes(self, frame: pl.DataFrame) -> Matrix:
        """(rows, columns): numbers, and for categories their place in the sorted words.

        A word that no real row has gets a place of its own past the last; missing is NaN.
        """
        out = np.full((frame.height, len(self.names)), np.nan)
        for at, name in enumerate(self.names):
            if name not in self.words:
                out[:, at] = _numbers(frame[name])
                continue
            text = frame[name].cast(pl.String)
            known = self.words[name].to_list()
            place = {word: float(number) for number, word in enumerate(known)}
            for word in sorted(set(text.drop_nulls().unique()) - set(known)):
                place[word] = float(len(place))
            out[:, at] = text.replace_strict(
                place, default=None, return_dtype=pl.Float64
            ).to_numpy()
        return out + 0.0  # -0.0 and 0.0 are one value

    def space(self, codes: Matrix) -> Matrix:
        """(rows, features) where distances are taken: a number is its rank and its clipped z-score.

        Each of the two spans about 1 over the range of the column (z-scores are cut at 3 and
        divided by 6) and each word has its own axis of length 1/sqrt(2), so that two different
        words are 1 apart. Missing sits mid-range with an axis of its own.
        """
        parts: list[Matrix] = []
        for at, name in enumerate(self.names):
            values = codes[:, at]
            gone = np.isnan(values)
            if name in self.words:
                width = len(self.words[name])
                hot = np.zeros((len(values), width + 2))
                place = np.where(gone, width + 1, np.minimum(np.nan_to_num(values), width))
                hot[np.arange(len(values)), place.astype(int)] = np.sqrt(0.5)
                parts.append(hot)
                continue
            pool, (mean, spread) = self.ranks[name], self.scales[name]
            low, high = np.searchsorted(pool, values), np.searchsorted(pool, values, "right")
            rank = (low + high) / (2 * max(len(pool), 1))
            score = np.clip((values - mean) / spread, -3, 3) / 6
            parts.append(np.stack([np.where(gone, 0.5, rank), np.where(gone, 0.0, score)], 1))
            parts.append(np.where(gone, np.sqrt(0.5), 0.0)[:, None])
        return np.concatenate(parts, axis=1)


def detection(made: Matrix, real: Matrix, seed: int) -> float:
    """Mean AUC over the folds of a classifier that tells `made` from `real`; 0.5 is a coin."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng((seed, 1))
    side = min(SIDE, len(made), len(real))
    rows = np.concatenate([_pick(made, side, rng), _pick(real, side, rng)])
    label = np.repeat([1, 0], side)
    # Folds are a fixed deal within each side, so every method is cut alike.
    deal = np.random.default_rng(7).permutation(side) % FOLDS
    fold = np.concatenate([deal, deal])
    areas = []
    for out in range(FOLDS):
        model = _learner("class").fit(rows[fold != out], label[fold != out])
        chance = model.predict_proba(rows[fold == out])[:, 1]
        areas.append(roc_auc_score(label[fold == out], chance))
    return float(np.mean(areas))


def useful(rows: Matrix, holdout: Matrix, target: int, task: str) -> float:
    """Train on `rows`, test on `holdout`: macro AUC over the real classes, or R2."""
    from sklearn.metrics import r2_score, roc_auc_score

    given = ~np.isnan(rows[:, target])
    x, y = np.delete(rows[given], target, axis=1), rows[given, target]
    tested = ~np.isnan(holdout[:, target])
    x_test, y_test = np.delete(holdout[tested], target, axis=1), holdout[tested, target]
    if task == "number":
        return float(r2_score(y_test, _learner(task).fit(x, y).predict(x_test)))
    real = np.unique(y_test)
    known = np.isin(y, real)
    x, y = x[known], y[known]
    if len(np.unique(y)) < 2:
        return 0.5
    model = _learner(task).fit(x, y)
    chance = np.zeros((len(x_test), len(real)))
    chance[:, np.searchsorted(real, model.classes_)] = model.predict_proba(x_test)
    areas = [
        roc_auc_score(y_test == value, chance[:, at])
        for at, value in enumerate(real)
        if len(real) > 2 or at == 1
    ]
    return float(np.mean(areas))


def copies(made: Matrix, train: Matrix) -> float:
    """Share of rows of `made` that equal some row of `train` in every column."""
    return float(np.isin(_keys(made), _keys(train)).mean())


def nearest(points: Matrix, pool: Matrix) -> Matrix:
    """Squared Euclidean distance of each point to its nearest row of `pool`.

    The search is single-precision matrix products; the distance of what it finds is exact, so that
    equal distances are seen to be equal.
    """
    middle = pool.mean(axis=0)
    rows = (pool - middle).astype(np.float32)
    norms = np.einsum("ij,ij->i", rows, rows)
    found = np.empty(len(points))
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        scores = (block - middle).astype(np.float32) @ rows.T
        scores *= -2
        scores += norms
        best = scores.argmin(axis=1)
        found[start : start + _BLOCK] = ((block - pool[best]) ** 2).sum(axis=1)
    return found


def _learner(task: str) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if task == "class" else LGBMRegressor
    return kind(
        n_estimators=TREES,
        num_leaves=LEAVES,
        learning_rate=RATE,
        n_jobs=1,
        random_state=0,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )


def _pick(rows: Matrix, size: int, rng: np.random.Generator) -> Matrix:
    return rows[rng.permutation(len(rows))[:size]]


def _numbers(series: pl.Series) -> Matrix:
    return series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)


def _keys(rows: Matrix) -> npt.NDArray[np.void]:
    plain = np.ascontiguousarray(np.where(np.isnan(rows), np.nan, rows))
    return plain.view(np.dtype((np.void, plain.itemsize * plain.shape[1]))).ravel()
