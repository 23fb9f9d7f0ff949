"""`artesian forecast`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.people import Cli

import artesian as ar

FEW = ("--draws", "2000", "-q")


def test_json_holds_what_was_promised(cli: Cli) -> None:
    ended = cli("forecast", "--json", *FEW)
    assert ended.code == 0
    told = json.loads(ended.out)
    assert {"median", "interval80", "probability_by_year"} <= set(told["exhaustion"])
    assert {"stock", "demand", "sensitivity", "inputs", "scenarios"} <= set(told)
    assert all(set(one) >= {"input", "first_order", "swing_years"} for one in told["sensitivity"])
    assert all("exhaustion" in one for one in told["scenarios"])


def test_the_folder_holds_report_numbers_and_how_made(cli: Cli, tmp_path: Path) -> None:
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
    assert cli("forecast", "-o", out, *FEW).code == 1  # it exists
    assert cli("forecast", "-o", out, "--force", *FEW).code == 0


def test_an_own_corpus_by_the_command_and_by_the_function(cli: Cli) -> None:
    ended = cli(
        "forecast",
        *("--corpus", "5B", "--corpus-growth", "5%/year", "--corpus-quality", "0.4"),
        *("--corpus-demand", "500M", "--corpus-demand-growth", "40..80%/year", "--json", *FEW),
    )
    told = json.loads(ended.out)
    assert told["modality"] == "corpus"
    made = ar.forecast(
        corpus=ar.Corpus(
            tokens=5e9,
            growth="5%/year",
            quality=0.4,
            demand=5e8,
            demand_growth="40..80%/year",
        ),
        draws=2000,
    )
    assert told["exhaustion"] == made.to_dict()["exhaustion"]
    assert made.simulation.stock.shape == (2000, 41)


def test_people_are_shown_date_drivers_and_scenarios(cli: Cli) -> None:
    ended = cli("forecast", "--draws", "2000")
    assert "When will public text be exhausted? Exhausted in 20" in ended.out
    assert "sensitivity to" in ended.out
    assert "half of demand met by synthetic data" in ended.out


def test_the_published_figures_stand_beside_ours(cli: Cli) -> None:
    rows = json.loads(cli("forecast", "--reproduce", "--json").out)["reproduction"]
    stocks = {row["quantity"]: row for row in rows}
    for name in ("Common Crawl", "indexed web", "whole web"):
        assert abs(stocks[name]["difference"]) < 3
    assert all(row["cause"] for row in rows)


@pytest.mark.parametrize(
    ("tokens", "code", "said"),
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
def test_what_is_wrong_is_named(cli: Cli, tokens: tuple[str, ...], code: int, said: str) -> None:
    ended = cli("forecast", *tokens, "-q")
    assert ended.code == code
    assert said in ended.err
    assert ended.err.count("\n") == 2


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
