"""`artesian forecast`: output, files and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.people import Cli

import artesian as ar

FEW = ("--draws", "2000", "-q")


def test_json_output_has_the_documented_keys(cli: Cli) -> None:
    process = cli("forecast", "--json", *FEW)
    assert process.code == 0
    result = json.loads(process.out)
    assert {"median", "interval80", "probability_by_year"} <= set(result["exhaustion"])
    assert {"stock", "demand", "sensitivity", "inputs", "scenarios"} <= set(result)
    assert all(set(one) >= {"input", "first_order", "swing_years"} for one in result["sensitivity"])
    assert all("exhaustion" in one for one in result["scenarios"])


def test_folder_contains_report_results_and_manifest(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("forecast", "-o", out, *FEW).code == 0
    assert sorted(file.name for file in out.iterdir()) == [
        "forecast.json",
        "manifest.json",
        "report.html",
    ]
    page = (out / "report.html").read_text()
    assert "When will public text be exhausted?" in page
    assert page.count("<input type=") == 6
    assert cli("forecast", "-o", out, *FEW).code == 1  # the folder exists
    assert cli("forecast", "-o", out, "--force", *FEW).code == 0


def test_command_and_function_agree_on_a_private_corpus(cli: Cli) -> None:
    process = cli(
        "forecast",
        *("--corpus", "5B", "--corpus-growth", "5%/year", "--corpus-quality", "0.4"),
        *("--corpus-demand", "500M", "--corpus-demand-growth", "40..80%/year", "--json", *FEW),
    )
    result = json.loads(process.out)
    assert result["modality"] == "corpus"
    forecast = ar.forecast(
        corpus=ar.Corpus(
            tokens=5e9,
            growth="5%/year",
            quality=0.4,
            demand=5e8,
            demand_growth="40..80%/year",
        ),
        draws=2000,
    )
    assert result["exhaustion"] == forecast.to_dict()["exhaustion"]
    assert forecast.simulation.stock.shape == (2000, 41)


def test_terminal_output_shows_date_sensitivity_and_scenarios(cli: Cli) -> None:
    process = cli("forecast", "--draws", "2000")
    assert "When will public text be exhausted? Exhausted in 20" in process.out
    assert "sensitivity to" in process.out
    assert "half of demand met by synthetic data" in process.out


def test_reproduction_lists_published_and_recomputed_figures(cli: Cli) -> None:
    rows = json.loads(cli("forecast", "--reproduce", "--json").out)["reproduction"]
    stocks = {row["quantity"]: row for row in rows}
    for name in ("Common Crawl", "indexed web", "whole web"):
        assert abs(stocks[name]["difference"]) < 3
    assert all(row["cause"] for row in rows)


@pytest.mark.parametrize(
    ("tokens", "code", "message"),
    [
        (("--set", "qualty=0.2"), 2, "did you mean 'quality'"),
        (("--set", "quality"), 2, "name=value"),
        (("--set", "quality=0.4..0.1"), 2, "web.quality"),
        (("--corpus-growth", "5%/year"), 2, "--corpus"),
        (("--corpus", "5B images"), 2, "images"),
        (("--modality", "txt"), 2, "did you mean 'text'"),
        (("--draws", "3"), 2, "3 draws"),
        (("--data", "nowhere.csv"), 1, "nowhere.csv"),
        (("--scenario", "nowhere.toml"), 1, "nowhere.toml"),
    ],
)
def test_errors_name_the_problem(
    cli: Cli, tokens: tuple[str, ...], code: int, message: str
) -> None:
    process = cli("forecast", *tokens, "-q")
    assert process.code == code
    assert message in process.err
    assert process.err.count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("--corpus", "5B"), "When will my corpus be exhausted?"),
        (("--corpus", "5B", "--corpus-demand", "500M"), "When will my corpus be exhausted?"),
        (("--modality", "users"), "When will all text written by internet users be exhausted?"),
        (("--modality", "images"), "When will images be exhausted?"),
        (("--demand", "study"), "When will public text be exhausted?"),
        (("--language", "German"), "When will public text in German be exhausted?"),
    ],
)
def test_report_is_written_for_every_kind_of_scenario(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], title: str
) -> None:
    assert cli("forecast", *arguments, "-o", tmp_path / "out", "--draws", "200", "-q").code == 0
    assert title in (tmp_path / "out" / "report.html").read_text()
