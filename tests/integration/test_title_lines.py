"""Lines around a table, as exports of spreadsheets and reports have them, are no data."""

from pathlib import Path

import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"


def synth(source, **more):
    return ar.synth(source, method="marginals", metrics=["validity"], **more)


def test_the_line_by_which_excel_learns_the_delimiter(tmp_path):
    made = synth(CASES / "B21_sep_line.csv", out=tmp_path / "out")
    assert made.data.columns == ["id", "region", "amount"]
    assert any("';'" in note for note in made.table.origin.notes)
    lines = (tmp_path / "out/data/B21_sep_line.csv").read_text().splitlines()
    assert lines[:2] == ["sep=;", "id;region;amount"]
    assert len(lines) == 202
    assert synth(tmp_path / "out/data/B21_sep_line.csv").data.columns == made.data.columns


def test_a_title_and_a_line_of_totals():
    made = synth(CASES / "B21_title_lines.csv")
    assert made.data.columns == ["id", "region", "amount"]
    assert len(made.data) == 200
    assert made.data.schema["id"] == pl.Int64
    assert made.data["amount"].max() < 1000
    notes = " ".join(made.table.origin.notes)
    assert "3 lines above the header (line 4)" in notes
    assert "totals" in notes


ROWS = [f"{i};{'Nord' if i % 3 else 'Süd'};{i * 1.5:.2f}".replace(".", ",") for i in range(90)]
HEADER = "Nr;Gebiet;Betrag"


@pytest.mark.parametrize(
    "above",
    [
        "Umsatz je Gebiet",
        "Umsatz je Gebiet;;",
        '"Umsatz; je Gebiet"',
        "Umsatz\n\nerstellt;01.12.2024\n",
        "\n\nUmsatz\n",
        "sep=;\nUmsatz",
        '"sep=;"',
        "SEP=;",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_other_titles(above, end, encoding, tmp_path):
    text = "\n".join([above, HEADER, *ROWS, "Summe;;6007,5", ""]).replace("\n", end)
    path = tmp_path / "umsatz.csv"
    path.write_bytes(text.encode(encoding))
    table = ar.read(path)
    assert table.schema.names == ("Nr", "Gebiet", "Betrag")
    assert table.frame["Nr"].to_list() == list(range(90))
    assert table.frame["Betrag"][2] == 3.0
    assert set(table.frame["Gebiet"]) == {"Nord", "Süd"}


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n1,2\n3,4\n", 2, 2),
        ("town,\nGraz,1\nLinz,2\n", 2, 2),
        ("1,2\n3,4\n5,6\n", 2, 2),
        ("x\n1\n2\n3\n", 1, 3),
        ("Total\n1\n2\n3\n", 1, 3),
        ("kind,n\na,1\nb,2\ntotal,3\n", 2, 3),
        ("id,note\n1,\n2,x\n3,y\n", 2, 3),
    ],
)
def test_tables_without_titles_stay_as_they_are(text, columns, rows, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    frame = ar.read(tmp_path / "t.csv").frame
    assert (frame.width, frame.height) == (columns, rows)


def test_a_header_without_a_name_for_the_index_is_no_title(tmp_path):
    (tmp_path / "t.csv").write_text("mpg,cyl\nMazda,21.0,6\nDatsun,22.8,4\nHornet,21.4,6\n")
    with pytest.raises(ar.ArtesianError, match="line 2: 3 fields, where the header"):
        ar.read(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("name\nSmith, John\nMiller, Ann\nDoe, Jane\n")
    with pytest.raises(ar.ArtesianError, match="line 2: 2 fields, where the header"):
        ar.read(tmp_path / "t.csv")


def test_line_numbers_of_errors_count_the_titles(tmp_path):
    lines = ["Sales", "", "id,sum", *(f"{i},{i}" for i in range(9)), "7,8,9"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    with pytest.raises(ar.ArtesianError, match=r"line 13: 3 fields.*\(line 3\) has 2"):
        ar.read(tmp_path / "t.csv")


def workbook(path, rows):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)


@pytest.mark.parametrize(
    "above",
    [[], [[]], [["Sales 2024"]], [["Sales"], ["made", 45_000], []], [[], ["Ventes"], [], []]],
)
@pytest.mark.parametrize("total", [[], [["Total", None, 99.5]]])
def test_workbooks(above, total, tmp_path):
    pytest.importorskip("fastexcel")
    body = [[i, "north" if i % 4 else "south", i * 0.5] for i in range(60)]
    workbook(tmp_path / "b.xlsx", [*above, ["id", "region", "amount"], *body, *total])
    made = synth(tmp_path / "b.xlsx")
    assert made.data.schema == {"id": pl.Int64, "region": pl.String, "amount": pl.Float64}
    assert len(made.data) == 60
    titles = any(any(row) for row in above)
    assert any("above the header" in note for note in made.table.origin.notes) == titles
