"""The policy 'verified': a classifier compares candidates with real rows, and keeps likely ones.

Candidates are kept with a probability proportional to the odds that they are real (the density
ratio), so a perfect verifier would restore the real distribution of what the generator can still
generate; it cannot bring back what is lost (compare Yi et al. 2025, and `artesian lab verifier`).
"""

from __future__ import annotations

import numpy as np

from artesian.collapse.stress.measures import Landscape
from artesian.collapse.stress.profile import Profile
from artesian.core.run import Seed
from artesian.data.table import Table

CANDIDATES = 3
"""Candidates for each row that is kept."""

MAX_ODDS = 0.99
"""Quantile of the odds at which they are cut, so that few candidates do not decide."""


def verified_rows(
    profile: Profile, scene: Landscape | None, table: Table, rows: int, seed: Seed
) -> Table:
    """Keep `rows` of the candidates, drawn without replacement by the odds that they are real."""
    rng = seed.rng()
    if scene is None:
        return table.with_frame(table.frame.head(rows))
    from sklearn.ensemble import HistGradientBoostingClassifier

    real, candidates = scene.embed(profile.coded), scene.embed(profile.encode(table))
    folds = np.arange(len(candidates)) % 2
    rng.shuffle(folds)
    odds = np.empty(len(candidates))
    for fold in (0, 1):  # no candidate is judged by a classifier that was fitted on it
        points = np.concatenate([real, candidates[folds == fold]])
        truth = np.repeat([1, 0], [len(real), int((folds == fold).sum())])
        model = HistGradientBoostingClassifier(max_iter=60, random_state=seed.integer() % 2**32)
        likely = model.fit(points, truth).predict_proba(candidates[folds != fold])[:, 1]
        odds[folds != fold] = likely / np.maximum(1 - likely, 1e-9)
    weights = np.minimum(odds, np.quantile(odds, MAX_ODDS)) + 1e-12
    # Weighted draws without replacement (Efraimidis and Spirakis 2006).
    keys = rng.exponential(size=len(weights)) / weights
    chosen = np.sort(np.argsort(keys, kind="stable")[:rows])
    return table.with_frame(table.frame[chosen])
