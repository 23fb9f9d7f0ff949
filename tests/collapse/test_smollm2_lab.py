"""The SmolLM2 experiment without its weights: stored generations, errors, the command line."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from artesian.cli.app import call
from artesian.collapse import LABS
from artesian.collapse.labs.smollm2 import BINS, SmolLM2Lab, _histogram, _read, _write
from artesian.core.errors import MissingExtra
from artesian.core.run import Run

INSTALLED = importlib.util.find_spec("transformers") is not None


def test_a_stored_generation_is_read_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    finished = np.arange(300), np.array([1.0, 2.0, 0.5]), np.array([20.0, 30.0])
    part = tmp_path / "store" / "a.npz"
    _write(part, finished)
    again = _read(part)
    assert again is not None
    assert all((a == b).all() for a, b in zip(finished, again, strict=True))
    part.write_bytes(part.read_bytes()[:100])
    assert _read(part) is None
    _write(None, finished)
    assert _read(None) is None


def test_a_stored_generation_is_named_by_what_determines_it(tmp_path: Path) -> None:
    def part(lab: SmolLM2Lab, seed: int = 0, text: int = 0) -> Path | None:
        tokens = np.full(10, text)
        return lab._part("mix=0.1", 2, tokens, tokens, Run.from_seed(seed))

    lab = SmolLM2Lab(store=str(tmp_path))
    more = SmolLM2Lab(store=str(tmp_path), generations=9, policies=("replace",))
    assert part(lab) == part(more)
    others = [
        part(SmolLM2Lab(store=str(tmp_path), rate=1e-4)),
        part(lab, seed=1),
        part(lab, text=1),
    ]
    assert len({part(lab), *others}) == 4
    assert part(SmolLM2Lab()) is None


def test_the_histogram_counts_every_block() -> None:
    counts = _histogram(np.array([1.0, 2.0, 4.0, 4.2, 1e9]))
    assert len(counts) == len(BINS)
    assert sum(counts) == pytest.approx(1)
    assert counts[2] == pytest.approx(0.4)
    assert counts[-1] == pytest.approx(0.2)


@pytest.mark.skipif(INSTALLED, reason="transformers is installed here")
def test_without_the_extra_its_line_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "smollm2" in LABS
    with pytest.raises(MissingExtra) as caught:
        SmolLM2Lab().run(Run.from_seed(0))
    assert "artesian[lm]" in caught.value.hint
    assert call(["lab", "language", "--model", "smollm2"]) == 1
    assert "artesian[lm]" in capsys.readouterr().err


def test_other_experiments_have_no_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["lab", "gaussian", "--model", "smollm2"]) == 2
    assert "has no model" in capsys.readouterr().err
