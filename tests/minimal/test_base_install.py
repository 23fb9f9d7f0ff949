"""The main job needs nothing but the base dependencies (`make test-minimal` has no others)."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from artesian.cli.app import call
from artesian.core.errors import MissingExtra
from artesian.core.extras import require

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
    assert told["manifest"]["rows"]["made"] == 1500
    skipped = {result["metric"] for result in told["results"] if result["skipped"]}
    assert skipped == {
        "survival",
        "k_anonymity",
        "l_diversity",
        "t_closeness",
    }  # no column is marked
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


def test_the_installation_is_whole(capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["doctor", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["whole"]


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed here")
def test_a_missing_extra_is_named_with_its_install_line() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'artesian\[deep\]'"):
        require("torch", extra="deep", purpose="this test")
