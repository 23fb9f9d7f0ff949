"""A workbook of several sheets is related tables where keys connect the sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import artesian as ar
from artesian.core.errors import OutputError
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.data.write_dataset import write_dataset

SHEETS: dict[str, list[list[Any]]] = {
    "customers": [
        ["customer_id", "town"],
        *([i, ("Graz", "Linz", "Wels")[i % 3]] for i in range(1, 61)),
    ],
    "orders": [
        ["order_id", "customer_id", "amount"],
        *([i, 1 + i * 7 % 60, i % 13 * 2.5] for i in range(1, 201)),
    ],
}


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    return path


def test_sheets_with_keys_are_related_tables_and_one_workbook_again(tmp_path: Path) -> None:
    path = workbook(tmp_path / "shop.xlsx", {**SHEETS, "notes": []})
    dataset = read_dataset(path)
    assert [str(key) for key in dataset.foreign_keys] == [
        "orders(customer_id) -> customers(customer_id)"
    ]
    assert any("the sheet 'notes' was left out" in note for note in dataset.origin.notes)
    write_dataset(tmp_path / "out", dataset)
    assert [p.name for p in (tmp_path / "out").glob("*.xlsx")] == ["shop.xlsx"]
    again = read_dataset(tmp_path / "out" / "shop.xlsx")
    for name in SHEETS:
        assert again[name].frame.equals(dataset[name].frame)
    made = ar.synth_related(path, out=tmp_path / "made", rounds=0)
    written = read_dataset(tmp_path / "made" / "data" / "shop.xlsx")
    assert written["orders"].frame.height == made.data["orders"].height


def test_unrelated_sheets_are_a_table_and_what_is_beside_it(tmp_path: Path) -> None:
    legend = [["colour", "meaning"], ["red", "late"], ["blue", "early"]]
    path = workbook(tmp_path / "shop.xlsx", {"orders": SHEETS["orders"], "legend": legend})
    dataset = read_dataset(path)
    assert [len(table) for table in dataset.values()] == [200]
    assert "the first of 2 sheets was read" in dataset["shop"].origin.notes[0]


def test_two_tables_that_would_be_one_sheet_are_refused(tmp_path: Path) -> None:
    dataset = read_dataset(workbook(tmp_path / "shop.xlsx", SHEETS))
    long = {f"{'orders of the year ' * 2}{name}": dataset[name] for name in dataset}
    tables = {}
    for name, table in long.items():
        options = {**table.origin.options, "sheet": name}
        origin = type(table.origin)(name=name, format="excel", options=options)
        tables[name] = type(table)(table.frame, table.schema, origin)
    with pytest.raises(OutputError, match="two tables would be the sheet"):
        write_dataset(tmp_path / "out", Dataset(tables))
    assert not (tmp_path / "out").exists()


def test_a_reference_of_a_sheet_to_itself_connects_no_sheets(tmp_path: Path) -> None:
    staff = [["employee_id", "manager_id"], [1, None], *([i, 1 + i // 3] for i in range(2, 40))]
    notes = [["about", "by"], ["exported", "Ann"], ["in March", "Bob"]]
    path = workbook(tmp_path / "staff.xlsx", {"employees": staff, "notes": notes})
    assert len(read_dataset(path)) == 1
