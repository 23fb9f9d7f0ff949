"""Experiments that need PyTorch, at the smallest size: they run, repeat, and refuse bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from artesian.collapse.labs.language import LanguageLab, _tokens, claim_finding, training_text
from artesian.collapse.labs.vae import VaeLab, _images
from artesian.collapse.policies import parse_policy
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed


@pytest.mark.slow
@pytest.mark.parametrize(
    "lab",
    [
        VaeLab(policies=("replace",), generations=2, replicates=2, epochs=2),
        LanguageLab(
            policies=("mix=50%",),
            generations=2,
            replicates=2,
            steps=5,
            tokens=2000,
            vocabulary=100,
            width=8,
            context=8,
        ),
    ],
    ids=["vae", "language"],
)
def test_an_experiment_runs_and_repeats(lab: VaeLab | LanguageLab) -> None:
    pytest.importorskip("torch")
    one, other = (lab.run(Run.from_seed(1)).to_dict() for _ in range(2))
    assert one == other
    json.dumps(one, allow_nan=False)
    assert {len(curve["values"]) for p in one["panels"] for curve in p["curves"]} == {2}


def test_the_corpus_that_is_shipped_has_rare_words() -> None:
    tokens = _tokens("", 1500)
    counts = np.bincount(tokens, minlength=1500)
    assert len(tokens) > 40_000
    assert (counts[1:] > 0).all()
    assert counts[0] < 0.15 * len(tokens)


@pytest.mark.parametrize(
    ("perplexity", "distinct", "verdict"),
    [
        ([50, 52, 60, 70, 80], [0.4, 0.4, 0.39, 0.39, 0.39], "does not hold"),
        ([50, 50, 51, 60, 80], [0.4, 0.3, 0.2, 0.1, 0.1], "holds"),
        ([50, 50, 60, 60, 80], [0.4, 0.3, 0.2, 0.1, 0.1], "does not hold"),
        ([50, 50, 50, 50, 50], [0.4, 0.4, 0.4, 0.3, 0.3], "holds"),
        ([50, 50, 50, 50, 50], [0.4, 0.4, 0.4, 0.4, 0.3], "does not hold"),
    ],
)
def test_the_claim_about_diversity_is_tested(
    perplexity: list[float], distinct: list[float], verdict: str
) -> None:
    values = np.array([perplexity, perplexity, distinct, distinct])[..., None]
    finding = claim_finding(parse_policy("replace"), values)
    assert f" {verdict} here" in finding


def test_mix_replaces_blocks_by_real_text() -> None:
    real, text = np.zeros(1000, np.int64), np.ones(1000, np.int64)
    mixed = training_text(parse_policy("mix=30%"), [real, text], 10, Seed(0))
    assert 1 - mixed.mean() == pytest.approx(0.3)
    assert (text == 1).all()
    together = training_text(parse_policy("accumulate"), [real, text], 10, Seed(0))
    assert len(together) == 2000


def test_files_that_are_no_images_or_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("few words")
    with pytest.raises(DataError, match="2 words"):
        _tokens(str(tmp_path / "short.txt"), 100)
    with pytest.raises(DataError, match="cannot be read"):
        _tokens(str(tmp_path / "none.txt"), 100)
    np.savez(tmp_path / "a.npz", images=np.zeros((300, 2, 2)))
    np.savez(tmp_path / "b.npz", other=np.zeros(3))
    for name in ("a.npz", "b.npz", "none.npz"):
        with pytest.raises(DataError):
            _images(str(tmp_path / name))
