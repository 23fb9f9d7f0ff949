"""The splits are those of the published figures, and every peer is pinned."""

import polars as pl
import pytest

from environments import HERE, METHODS
from sets import SETS, halves, split


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("adult", 22_611, 15),
        ("credit_default", 15_000, 24),
        ("california_housing", 10_320, 10),
        ("diamonds", 26_970, 10),
        ("covertype_sample", 5_000, 55),
    ],
)
def test_half_the_rows_are_for_training(name: str, rows: int, columns: int) -> None:
    if SETS[name].fetched and not SETS[name].path.exists():
        pytest.skip(f"{name} is a benchmark set: 'make data' fetches it, or set ARTESIAN_DATA")
    train, holdout = halves(name)
    assert train.shape == holdout.shape == (rows, columns)
    assert SETS[name].target in train.columns


def test_the_housing_set_keeps_its_missing_values() -> None:
    gone = [half["total_bedrooms"].null_count() for half in halves("california_housing")]
    assert sum(gone) == 207


def test_every_row_is_on_one_side_and_the_split_repeats() -> None:
    whole = pl.DataFrame({"row": range(101)})
    train, holdout = split(whole)
    assert (train.height, holdout.height) == (50, 51)
    assert sorted([*train["row"], *holdout["row"]]) == list(range(101))
    assert split(whole)[0].equals(train)


def test_every_method_has_its_script_and_every_peer_pinned_versions() -> None:
    for method in METHODS.values():
        folder = HERE / "peers" / method.folder
        assert (folder / "run.py").exists()
        if not method.ours:
            needs = (folder / "requirements.txt").read_text().split()
            assert needs
            assert all("==" in need for need in needs)
