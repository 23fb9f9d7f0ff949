"""`compare` scores what can be compared; surplus and missing columns and bad words count as bad."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

import artesian as ar
from artesian.testing.tables import people, purchases

METRICS = ["ks", "tv", "validity"]


@pytest.fixture
def real():
    return people(400, seed=1).frame


@pytest.fixture
def synthetic():
    return people(400, seed=2).frame


def compared(real, synthetic, holdout=None, **more):
    return ar.compare(real, synthetic, holdout, metrics=METRICS, **more)


def finding(card, code):
    (message,) = (each.message for each in card.findings if each.code == code)
    return message


@pytest.fixture(params=["frame", "csv", "parquet"])
def given(request, tmp_path):
    """A frame as it is, or as a file."""

    def give(frame):
        if request.param == "frame":
            return frame
        path = tmp_path / f"made.{request.param}"
        getattr(frame, f"write_{request.param}")(path)
        return path

    return give


def test_a_missing_column(real, synthetic, given):
    card = compared(real, given(synthetic.drop("age", "plan")))
    assert "'age', 'plan'" in finding(card, "missing_columns")
    assert card["validity"].value == 0
    assert card["validity"].parts["age (missing column)"] == 0
    alone = compared(real.drop("age", "plan"), synthetic.drop("age", "plan"))
    assert card["ks"].value == alone["ks"].value
    assert card["tv"].value == alone["tv"].value


@pytest.mark.parametrize("name", ["Unnamed: 0", "index", "source"])
def test_a_surplus_column(name, real, synthetic, given):
    card = compared(real, given(synthetic.with_row_index(name)))
    assert repr(name) in finding(card, "surplus_columns")
    assert card["validity"].parts[f"{name} (surplus column)"] == 0
    alone = compared(real, synthetic)
    assert card["ks"].value == alone["ks"].value
    assert card["validity"].value == 0 < alone["validity"].value


def test_a_renamed_column_is_both(real, synthetic, given):
    card = compared(real, given(synthetic.rename({"city": "town"})))
    assert "'city'" in finding(card, "missing_columns")
    assert "'town'" in finding(card, "surplus_columns")


@pytest.mark.parametrize(
    ("column", "word"),
    [("age", "old"), ("income", "12,5 k"), ("joined", "soon"), ("member", "perhaps")],
)
@pytest.mark.parametrize("count", [1, 9])
def test_bad_words(column, word, count, real, synthetic, given):
    texts = synthetic[column].cast(pl.String).to_list()
    rows = [i for i, text in enumerate(texts) if text is not None][:count]
    for row in rows:
        texts[row] = word
    card = compared(real, given(synthetic.with_columns(pl.Series(column, texts))))
    assert f"{column!r} in {count} of 400 rows" in finding(card, "unreadable_values")
    alone = compared(real, synthetic)
    lost = alone["validity"].value - card["validity"].value
    assert 0 < lost <= count / 400 + 1e-9
    assert card["ks"].value == pytest.approx(alone["ks"].value, abs=0.02)


def test_a_column_of_other_values_is_not_scored(real, synthetic, given):
    other = synthetic.with_columns(income=pl.Series(["high", "low"] * 200))
    card = compared(real, given(other))
    assert "'income' in most rows" in finding(card, "unreadable_values")
    assert card["validity"].parts["income (type)"] == 0
    alone = compared(real.drop("income"), synthetic.drop("income"))
    assert card["ks"].value == alone["ks"].value


def test_zero_and_one_are_booleans():
    real, synthetic = purchases(300).frame, purchases(300, seed=3).frame
    expected = compared(real, synthetic)
    card = compared(real, synthetic.with_columns(pl.col("buys").cast(pl.Int8)))
    assert [r.value for r in card.results] == [r.value for r in expected.results]
    card = compared(real.with_columns(pl.col("buys").cast(pl.Int8)), synthetic)
    assert not [f for f in card.findings if f.code == "unreadable_values"]


def test_missing_values_are_not_bad_words(real, synthetic, tmp_path):
    text = synthetic.write_csv(null_value="n/a")
    (tmp_path / "made.csv").write_text(text)
    codes = {each.code for each in compared(real, tmp_path / "made.csv").findings}
    assert not codes & {"unreadable_values", "missing_columns", "surplus_columns"}


def test_the_holdout_may_have_more_columns_but_not_fewer(real, synthetic):
    holdout = people(200, seed=3).frame
    more = holdout.with_columns(note=pl.lit("x"))
    assert compared(real, synthetic, more).to_dict() == compared(real, synthetic, holdout).to_dict()
    with pytest.raises(ar.ArtesianError, match="the holdout lacks the column 'age'"):
        compared(real, synthetic, holdout.drop("age"))


def test_a_dropped_column_is_dropped_from_the_holdout(real, synthetic):
    holdout = people(200, seed=3).frame
    card = compared(real, synthetic.drop("plan"), holdout)
    assert card["tv"].reference is not None
    assert "'plan'" in finding(card, "missing_columns")


def test_another_table_is_refused(real):
    with pytest.raises(ar.ArtesianError, match="0 of the 9 columns"):
        compared(real, pd.DataFrame({"x": np.arange(50)}))


def test_the_report_names_them(real, synthetic, tmp_path):
    real.write_csv(tmp_path / "real.csv")
    synthetic.drop("age").with_row_index("nr").write_csv(tmp_path / "made.csv")
    places = [str(tmp_path / name) for name in ("real.csv", "made.csv", "out")]
    command = [sys.executable, "-m", "artesian", "compare", *places[:2], "-o", places[2]]
    command += ["--metrics", "ks", "--metrics", "validity"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "lacks columns of the real table" in page
    assert "&#39;nr&#39;" in page or "'nr'" in page
