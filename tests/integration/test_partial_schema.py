"""A schema file may state only what inference cannot know."""

from pathlib import Path

import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
LOANS = CASES / "B12_loans_composite_key.csv"
MINIMAL = CASES / "B12_loans_schema_minimal.toml"


def test_a_schema_file_that_names_a_key_and_constraints():
    made = ar.synth(LOANS, schema=MINIMAL, method="marginals", metrics=["validity"])
    schema = made.table.schema
    assert schema.key == ("user_id", "loan_number")
    assert schema.constraints == ("start <= due", "paid <= amount")
    inferred = ar.read(LOANS).schema
    assert [c.kind for c in schema] == [c.kind for c in inferred]
    parts = made.scorecard["validity"].parts
    assert any("paid <= amount" in name for name in parts)
    assert any("loan_number" in name for name in parts)


def test_the_model_and_the_written_schema_keep_it(tmp_path):
    made = ar.synth(
        LOANS,
        schema=MINIMAL,
        method="marginals",
        metrics=["validity"],
        out=tmp_path / "out",
        keep_model=True,
    )
    assert ar.load(tmp_path / "out" / "model").schema == made.table.schema
    (file,) = (tmp_path / "out").rglob("dataset.toml")
    assert ar.read(LOANS, schema=file).schema.key == ("user_id", "loan_number")


@pytest.mark.parametrize(
    "stated",
    [
        'target = "paid"',
        'entity = "user_id"',
        'time = "start"\nentity = "user_id"',
        'key = ["user_id", "loan_number"]\n[tables.t.columns.amount]\nkind = "category"',
    ],
)
def test_other_partial_schemas(stated, tmp_path):
    (tmp_path / "s.toml").write_text(f"[tables.t]\n{stated}\n")
    for source in (LOANS, ar.read(LOANS).frame):
        schema = ar.read(source, schema=tmp_path / "s.toml").schema
        assert len(schema) == 7
        assert schema.target == ("paid" if "target" in stated else None)
        assert schema.entity == ("user_id" if "entity" in stated else None)


def test_several_tables(tmp_path):
    pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}).write_csv(tmp_path / "one.csv")
    pl.DataFrame({"b": ["x", "x"], "c": [3, 4]}).write_csv(tmp_path / "two.csv")
    (tmp_path / "dataset.toml").write_text(
        '[tables.one]\nkey = ["b"]\n\n[tables.two]\ntarget = "c"\n'
    )
    dataset = ar.read_dataset(tmp_path)
    assert dataset["one"].schema.key == ("b",)
    assert dataset["two"].schema.target == "c"


@pytest.mark.parametrize(
    "stated", ['key = ["user"]', 'target = "user"', 'entity = "user"', 'time = "user"']
)
def test_a_column_that_does_not_exist_is_named(stated, tmp_path):
    (tmp_path / "s.toml").write_text(f"[tables.t]\n{stated}\n")
    with pytest.raises(ar.ArtesianError, match="the schema names a column 'user'") as caught:
        ar.read(LOANS, schema=tmp_path / "s.toml")
    assert caught.value.hint == "did you mean 'user_id'?"


def test_declared_orders_leave_room_for_discovered_sums():
    made = ar.synth(LOANS, schema=MINIMAL, method="marginals", metrics=["validity"]).table.frame
    assert (made["paid"] <= made["amount"]).all()
    assert (made["start"] <= made["due"]).all()
    assert ((made["amount"] - made["paid"] - made["balance"]).abs() < 0.0051).all()
