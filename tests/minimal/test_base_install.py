"""The main job needs nothing but the base dependencies (`make test-minimal` has no others)."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path

import pytest

from artesian.cli.app import call
from artesian.core.errors import MissingExtra
from artesian.core.extras import require
from artesian.data.read import read
from artesian.data.table import Origin
from artesian.data.write import writer

ADULT = Path(__file__).parents[2] / "examples" / "adult.csv.gz"


def test_the_main_job_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import gzip

    lines = gzip.decompress(ADULT.read_bytes()).splitlines(keepends=True)
    source = tmp_path / "adult.csv"
    source.write_bytes(b"".join(lines[:1501]))
    code = call(["synth", str(source), "-o", str(tmp_path / "out"), "--target", "income", "--json"])
    out, err = capfd.readouterr()
    assert code == 0, err
    told = json.loads(out)
    assert told["manifest"]["rows"]["synthetic"] == 1500
    skipped = {result["metric"] for result in told["results"] if result["skipped"]}
    assert skipped == {
        "survival",
        "identifier_copied",
        "k_anonymity",
        "l_diversity",
        "t_closeness",
    }  # no column is marked, and no identifier is there
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


def test_the_installation_is_whole(capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["doctor", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["complete"]


def without(module: str) -> pytest.MarkDecorator:
    """Run a test only where `module` is not installed, as `make test-minimal` has it."""
    present = importlib.util.find_spec(module) is not None
    return pytest.mark.skipif(present, reason=f"{module} is installed here")


@without("fastexcel")
def test_reading_a_workbook_names_the_extra(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(MissingExtra, match=r"t\.xlsx needs 'fastexcel'") as caught:
        read(tmp_path / "t.xlsx")
    assert caught.value.hint == "pip install 'artesian[excel]'"


@without("duckdb")
def test_reading_duckdb_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "t.duckdb").write_bytes(bytes(8) + b"DUCK" + bytes(300))
    with pytest.raises(MissingExtra, match=r"t\.duckdb needs 'duckdb'") as caught:
        read(tmp_path / "t.duckdb")
    assert caught.value.hint == "pip install 'artesian[duckdb]'"


@pytest.mark.parametrize(
    ("file", "extra"),
    [
        pytest.param("t.xlsx", "excel", marks=without("xlsxwriter")),
        pytest.param("t.duckdb", "duckdb", marks=without("duckdb")),
    ],
)
def test_writing_names_the_extra_and_leaves_nothing(tmp_path: Path, file: str, extra: str) -> None:
    with pytest.raises(MissingExtra) as caught, writer(tmp_path / file, Origin(name="t")):
        pass
    assert caught.value.hint == f"pip install 'artesian[{extra}]'"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("method", "extra"),
    [
        pytest.param("vine_copula", "vines", marks=without("pyvinecopulib")),
        pytest.param("vae", "deep", marks=without("torch")),
    ],
)
def test_a_method_names_its_extra(method: str, extra: str) -> None:
    from artesian.synthesizers import CATALOG
    from artesian.testing.tables import people

    with pytest.raises(MissingExtra, match=f"the method '{method}' needs") as caught:
        CATALOG[method]().fit(people(100))
    assert caught.value.hint == f"pip install 'artesian[{extra}]'"


@without("torch")
def test_a_missing_extra_is_named_with_its_install_line() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'artesian\[deep\]'"):
        require("torch", extra="deep", purpose="this test")


@without("sqlalchemy")
def test_a_database_server_names_the_extra(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match="'postgresql' needs 'sqlalchemy'") as caught:
        read("postgresql://ann:secret@host/shop")
    assert caught.value.hint == "pip install 'artesian[sql]'"
    assert "secret" not in str(caught.value)
