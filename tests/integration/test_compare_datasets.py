"""`compare` evaluates folders, databases and mappings of related tables as a whole."""

import json
import sqlite3
from contextlib import closing

import polars as pl
import pytest
from tests.metrics import shops as s

import artesian as ar
from artesian.cli.app import call

QUICK = ["referential_integrity", "cardinality", "c2st_agg"]


def written(folder, tables):
    folder.mkdir()
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("shops")
    spoilt = s.shops(seed=1)
    return {
        "real": written(base / "real", s.shops()),
        "fresh": written(base / "fresh", s.shops(seed=1)),
        "spoilt": written(base / "spoilt", spoilt | {"sale": s.orphans(spoilt["sale"], None)}),
        "holdout": written(base / "holdout", s.shops(seed=2)),
    }


def test_fresh_folders_are_no_finding_and_reference_tables_are_recognized(folders):
    card = ar.compare(folders["real"], folders["fresh"], folders["holdout"], metrics=QUICK)
    assert card.findings == ()
    assert card.rows["sale"]["synthetic"] == s.shops(seed=1)["sale"].height
    assert card.notes == (
        "the same in training data and holdout, so compared with the training data only: region",
    )
    assert card["c2st_agg"].reference is not None


def test_a_folder_a_database_and_a_mapping_are_the_same(folders, tmp_path):
    place = tmp_path / "fresh.db"
    fresh = s.shops(seed=1)
    with closing(sqlite3.connect(place)) as base, base:
        for name, frame in fresh.items():
            texts = frame.with_columns(pl.col(pl.Date).cast(pl.String))
            base.execute(f"CREATE TABLE {name} ({', '.join(frame.columns)})")
            marks = ", ".join("?" * frame.width)
            base.executemany(f"INSERT INTO {name} VALUES ({marks})", texts.rows())
    expected = ar.compare(folders["real"], folders["fresh"], metrics=QUICK).to_dict()
    for source in (place, fresh):
        found = ar.compare(folders["real"], source, metrics=QUICK).to_dict()
        assert found["results"] == expected["results"]


def test_the_command_writes_a_report_and_fails_on_a_requirement(folders, tmp_path, capfd):
    out = tmp_path / "out"
    code = call(
        [
            "compare",
            str(folders["real"]),
            str(folders["spoilt"]),
            "--metrics",
            "cardinality,integrity",
            "--require",
            "integrity<=0",
            "--json",
            "-o",
            str(out),
        ]
    )
    assert code == 1
    assert json.loads(capfd.readouterr().out)["met"] is False
    assert {path.name for path in out.iterdir()} == {
        "report.html",
        "scorecard.json",
        "scorecard.md",
        "manifest.json",
    }
    card = json.loads((out / "scorecard.json").read_text())
    assert card["kind"] == "dataset"
    assert card["verdict"].startswith("KEYS ARE BROKEN")
    page = (out / "report.html").read_text()
    assert "sale(shop_id) -&gt; shop(shop_id)" in page
    assert "9999" not in page.split('<script type="application/json"')[0]


def test_several_candidates_are_set_side_by_side(folders, tmp_path):
    out = tmp_path / "out"
    code = call(
        [
            "compare",
            *(str(folders[name]) for name in ("real", "fresh", "spoilt")),
            *("--metrics", "integrity", "-o", str(out), "-q"),
        ]
    )
    assert code == 0
    both = json.loads((out / "scorecard.json").read_text())["candidates"]
    assert [one["name"] for one in both] == ["fresh", "spoilt"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"metrics": ["ks"]}, "there is no metric 'ks' of related tables"),
        ({"metrics": ["cardinalty"]}, "there is no metric 'cardinalty'"),
        ({"sensitive": ["kind"]}, "sensitive cannot be given for related tables"),
        ({"target": "sold.price", "metrics": ["utility"]}, "names no table"),
    ],
)
def test_what_related_tables_lack_is_an_error(folders, more, message):
    with pytest.raises(ar.ArtesianError, match=message):
        ar.compare(folders["real"], folders["fresh"], **more)


def test_one_table_in_place_of_several_is_refused(folders):
    with pytest.raises(ar.ArtesianError, match="have 1 of the 3 tables"):
        ar.compare(folders["real"], folders["fresh"] / "sale.csv", metrics=QUICK)


def test_words_among_numbers_and_lost_columns_are_counted(folders, tmp_path):
    tables = s.shops(seed=1)
    price = tables["sale"]["price"].cast(pl.String)
    price[0] = "free"
    tables["sale"] = tables["sale"].with_columns(price.alias("price")).drop("promotion")
    card = ar.compare(folders["real"], written(tmp_path / "odd", tables), metrics=QUICK)
    messages = {finding.code: finding.message for finding in card.findings}
    assert "table 'sale'" in messages["unreadable_values"]
    assert "'promotion'" in messages["missing_columns"]
