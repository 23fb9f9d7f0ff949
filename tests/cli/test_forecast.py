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
    assert page.count("<input type=") == 11  # ten levers, and from when on
    assert cli("forecast", "-o", out, *FEW).code == 1  # the folder exists
    assert cli("forecast", "-o", out, "--force", *FEW).code == 0


def test_a_safe_budget_limits_what_generated_data_meet(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "safe_budget.json"
    budget = {
        **{"kind": "artesian safe budget", "format": 1, "generator": "trees", "rows": 2000},
        **{"generations": 10, "real_proportion": 0.7, "generations_without_real": 2, "level": 0.9},
        **{"tested_generations": 10, "replicates": 5},
    }
    file.write_text(json.dumps(budget))
    text = cli("forecast", "--draws", "2000", "--safe-budget", tmp_path).out
    assert "generated data may meet 30 % of the demand" in text
    assert "without generated data" in text
    result = json.loads(cli("forecast", "--safe-budget", file, "--json", *FEW).out)
    assert result["safe_budget"]["real_proportion"] == 0.7
    stated = ar.forecast(overrides={"levers.synthetic_fraction": 0.3}, draws=2000).to_dict()
    assert result["exhaustion"] == stated["exhaustion"]
    assert result["scenarios"][0]["exhaustion"] == ar.forecast(draws=2000).to_dict()["exhaustion"]
    more = ("--set", "levers.synthetic_fraction=50%")
    limited = json.loads(cli("forecast", "--safe-budget", file, *more, "--json", *FEW).out)
    assert limited["exhaustion"] == result["exhaustion"]
    twice = cli("forecast", "--safe-budget", file, "--set", "synthetic_limit=0.2", *FEW)
    assert twice.code == 2
    assert "for the safe budget" in twice.err
    file.write_text(json.dumps(budget | {"real_proportion": -1}))
    refused = cli("forecast", "--safe-budget", file, *FEW)
    assert refused.code == 1
    assert "real_proportion is -1" in refused.err
    assert cli("forecast", "--reproduce", "--safe-budget", file).code == 2


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


def test_every_output_states_how_the_inputs_were_understood(cli: Cli, tmp_path: Path) -> None:
    own = ("--corpus", "5B", "--corpus-growth", "5%", "--corpus-demand", "500M")
    line = (
        "Understood as: 5.0B tokens today, growing 5 % a year; demand 500M tokens, growing 50 % a "
        "year (assumed: you gave none)"
    )
    printed = cli("forecast", *own, "--draws", "200", "-o", tmp_path / "out").out
    assert " ".join(printed.split()).startswith(line)
    assert json.loads((tmp_path / "out" / "forecast.json").read_text())["understood_as"] == line
    assert line in (tmp_path / "out" / "report.html").read_text()
    result = cli("forecast", *own, "--draws", "200", "-q", "--json").json
    assert result["understood_as"] == line
    assert all(one["understood_as"].startswith("Understood as: ") for one in result["scenarios"])


def test_the_age_of_the_data_is_in_the_first_lines(cli: Cli) -> None:
    lines = " ".join(cli("forecast", "--draws", "2000").out.split())[:1500]
    assert "Data as of 2025-05-19" in lines
    assert "Warning: the newest record is" in lines
    assert "% of the draws had run out before today" in lines


def test_series_is_rebuilt_from_a_newer_table(cli: Cli, tmp_path: Path) -> None:
    rows = [
        f"M{year},Language,{year}-06-01,{size},1e24,Confident"
        for year, size in (("2022", "1e12"), ("2023", "4e12"), ("2024", "1e13"), ("2026", "5e13"))
    ]
    header = "Model,Domain,Publication date,Training dataset size (total),"
    header += "Training compute (FLOP),Confidence"
    newer, series = tmp_path / "all_ai_models.csv", tmp_path / "series.csv"
    newer.write_text("\n".join([header, *rows]) + "\n")
    assert cli("forecast", "--rebuild-series", newer, "-q").code == 2  # no --out
    process = cli("forecast", "--rebuild-series", newer, "-o", series)
    assert "4 language models, the newest of 2026-06-01" in process.out
    result = cli("forecast", "--data", series, "--json", *FEW).json
    assert result["as_of"] == "2026-06-01"
    assert result["demand"]["median"][0] == 5e13


def test_percentages_are_growth(cli: Cli) -> None:
    own = ("--corpus", "5B", "--corpus-demand", "500M", "--json", *FEW)
    growth = ("--corpus-growth", "5%", "--corpus-demand-growth", "40%")
    # ln 10 / ln(1.4 / 1.05) = 8.0 years
    result = cli("forecast", *own, *growth).json
    start = result["exhaustion"]["horizon"][0]
    assert result["exhaustion"]["median"] - start == pytest.approx(8.0, abs=0.01)


@pytest.mark.parametrize("growth", ["-2%", "-2..5%", "-0.01 OOM/year"])
def test_negative_growth_needs_no_equals_sign(cli: Cli, growth: str) -> None:
    process = cli(
        "forecast", "--corpus", "5B", "--corpus-growth", growth, "--corpus-demand", "1B", *FEW
    )
    assert process.code == 0, process.err


def test_every_scenario_states_how_it_was_understood(cli: Cli, tmp_path: Path) -> None:
    plans = tmp_path / "plans.toml"
    plans.write_text(
        '[[scenario]]\nname = "mine"\n[scenario.set]\nlevers.opt_out = "0.2..0.4@90 from 2028"\n'
        '[[scenario]]\nname = "own"\nmodality = "corpus"\n'
        '[scenario.set]\ncorpus.tokens = "5b"\ncorpus.growth = "5%"\n'
    )
    text = {
        "mine": "text withdrawn by owners 20 % to 40 % (90 % interval) from 2028",
        "own": "5.0B tokens today, growing 5 % a year; demand: ",
    }
    out = tmp_path / "out"
    printed = " ".join(
        cli("forecast", "--scenario", plans, "--draws", "500", "-o", out).out.split()
    )
    for name, understood in text.items():
        assert f"{name}, understood as: {understood}" in printed
        assert understood in (out / "report.html").read_text()
    rows = json.loads((out / "forecast.json").read_text())["scenarios"]
    for row, understood in zip(rows, text.values(), strict=True):
        assert understood in row["understood_as"]


def test_language_does_not_scale_an_own_corpus(cli: Cli) -> None:
    own = ("forecast", "--corpus", "5B", "--corpus-demand", "500M", "--json", *FEW)
    plain, german = cli(*own).json, cli(*own, "--language", "German").json
    assert german["stock"] == plain["stock"]
    assert german["exhaustion"] == plain["exhaustion"]
    assert "language German, which does not change" in german["understood_as"]


def test_conversions_are_stated_and_can_be_set(cli: Cli) -> None:
    own = ("forecast", "--corpus", "20 GB", "--corpus-demand", "500M", "--json", *FEW)
    result = cli(*own).json
    assert "5.0B tokens (from 20 GB, at 4 bytes per token) today" in result["understood_as"]
    assert result["inputs"]["text.bytes_per_token"]["median"] == 4
    other = cli(*own, "--set", "text.bytes_per_token=5").json
    assert "4.0B tokens (from 20 GB, at 5 bytes per token)" in other["understood_as"]


@pytest.mark.parametrize(
    ("tokens", "code", "message"),
    [
        (("--set", "qualty=0.2"), 2, "did you mean 'quality'"),
        (("--set", "quality"), 2, "name=value"),
        (("--set", "quality=0.4..0.1"), 2, "web.quality"),
        (("--corpus-growth", "5%/year"), 2, "--corpus"),
        (("--corpus", "5B images"), 2, "images"),
        (("--corpus", "5B", "--corpus-growth", "5"), 2, "5 % a year, or 5x a year"),
        (("--corpus", "5B", "--corpus-demand-growth", "40%"), 2, "also give --corpus-demand"),
        (
            ("--corpus=5B", "--corpus-demand=1B", "--corpus-demand-growth=40"),
            2,
            "40 % a year, or 40x a year",
        ),
        (("--corpus", "5"), 2, "5 billion tokens"),
        (("--set", "quality=0.2", "--set", "quality=0.3"), 2, "more than once"),
        (("--set", "quality=0.2", "--set", "web.quality=0.3"), 2, "more than once"),
        (("--corpus", "5B", "--set", "corpus.tokens=6B"), 2, "more than once"),
        (("--set", "text.bytes_per_token=5"), 2, "text.bytes_per_token is not used"),
        (("--modality", "txt"), 2, "did you mean 'text'"),
        (("--draws", "3"), 2, "3 draws"),
        (("--reproduce", "--set", "quality=0.2"), 2, "--reproduce does not use --set"),
        (("--reproduce", "--corpus", "5B"), 2, "--reproduce does not use --corpus"),
        (
            ("--rebuild-series", "t.csv", "-o", "s.csv", "--set", "quality=0.2"),
            2,
            "--rebuild-series does not use --set",
        ),
        (("--corpus", "5B", "--demand", "corpus"), 2, "demand 'corpus' needs the tokens"),
        (("--set", "levers.demand_growth=0x"), 2, "factor of 0"),
        (("--corpus", "8B..5B"), 2, "8.0B is above the high end 5.0B"),
        (("--corpus", "1e30"), 2, "1e30 tokens is infeasible"),
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
