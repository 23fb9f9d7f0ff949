"""Tables of a database without rows are written again, with all that is declared of them."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import artesian as ar
from artesian.cli.app import call

TABLES = """
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, spent REAL);
CREATE TABLE "order"(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),
    day DATE, total DECIMAL(9,2));
CREATE TABLE refund(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES "order"(id),
    reason VARCHAR(20) NOT NULL, amount DECIMAL(9,2), UNIQUE(order_id, reason));
CREATE TABLE reply(id INTEGER PRIMARY KEY, refund_id INTEGER REFERENCES refund(id), at TIMESTAMP);
CREATE INDEX refund_reason ON refund(reason);
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    draw = random.Random(1)
    with closing(sqlite3.connect(path)) as base:
        base.executescript(TABLES)
        for number in range(1, 61):
            base.execute(
                "INSERT INTO customer VALUES (?, ?, ?)", (number, f"N{number}", draw.gauss(9, 2))
            )
        for number in range(1, 201):
            row = (
                number,
                draw.randint(1, 60),
                f"2024-03-{draw.randint(10, 30)}",
                draw.randint(1, 99),
            )
            base.execute('INSERT INTO "order" VALUES (?, ?, ?, ?)', row)
        base.commit()
    return path


def declared(path: Path, table: str) -> tuple[list, list, list]:
    """Columns, foreign keys, and columns of the indexes of a table."""
    with closing(sqlite3.connect(path)) as base:
        columns = base.execute(f"PRAGMA table_info('{table}')").fetchall()
        keys = [row[2:5] for row in base.execute(f"PRAGMA foreign_key_list('{table}')")]
        indexes = [
            (bool(only), [n for *_, n in base.execute(f"PRAGMA index_info('{name}')")])
            for _, name, only, *_ in base.execute(f"PRAGMA index_list('{table}')")
        ]
        assert base.execute(f"SELECT count(*) FROM '{table}'").fetchone() == (0,)
    names = [(name, kind, required, rank) for _, name, kind, required, _, rank in columns]
    return names, keys, sorted(indexes)


def test_an_empty_table_is_written_with_its_declarations(source: Path, tmp_path: Path) -> None:
    out, target = tmp_path / "out", tmp_path / "made.db"
    assert call(["synth", str(source), "-o", str(out), "--to", f"sqlite:///{target}", "-q"]) == 0
    for table in ("refund", "reply"):
        assert declared(target, table) == declared(source, table)
    notes = json.loads((out / "manifest.json").read_text())["notes"]
    assert "the table 'refund' is written without rows, as in the source" in notes


def test_it_is_in_the_output_folder_and_of_a_saved_model_as_well(
    source: Path, tmp_path: Path
) -> None:
    out, model, made = tmp_path / "out", tmp_path / "model", tmp_path / "made.db"
    assert call(["synth", str(source), "-o", str(out), "-q"]) == 0
    (file,) = (out / "data").iterdir()
    assert declared(file, "refund") == declared(source, "refund")
    assert call(["fit", str(source), "-o", str(model), "-q"]) == 0
    assert call(["sample", str(model), "-o", str(made), "-q"]) == 0
    assert declared(made, "reply") == declared(source, "reply")
    assert set(ar.load(model).sample()) == {"customer", "order"}


def test_other_databases_get_the_types_that_were_declared(source: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    out, target = tmp_path / "out", tmp_path / "made.duckdb"
    assert call(["synth", str(source), "-o", str(out), "--to", f"duckdb:///{target}", "-q"]) == 0
    with duckdb.connect(str(target), read_only=True) as base:
        columns = base.execute("DESCRIBE refund").fetchall()
        assert [(row[0], row[1]) for row in columns] == [
            ("id", "BIGINT"), ("order_id", "BIGINT"), ("reason", "VARCHAR"), ("amount", "DOUBLE")
        ]  # fmt: skip
        assert base.execute("SELECT count(*) FROM refund").fetchone() == (0,)
