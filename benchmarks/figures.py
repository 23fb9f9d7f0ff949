"""Tables and sentences of the docs, each written from the JSON of one benchmark.

Every function takes the results by name and returns Markdown. `peer_tables` has those of
`single_table.json`; `docs_tables` puts all of them into the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markdown_text import number, paragraph, percent, table

Results = Mapping[str, Any]


def million_rows(results: Results) -> str:
    """Time and memory of a million rows, and values per second of both methods."""
    largest = results["scale_trees"]["by_rows"][-1]
    rates = {
        method: number(results["sampling"][method][-1]["values_per_cpu_second"], 0)
        for method in ("trees", "boosted")
    }
    return paragraph(
        f"""On {number(largest["rows"], 0)} rows of {largest["columns"]} columns, `trees` fits in
        {number(largest["fit"]["wall"], 0)} seconds and samples as many rows in
        {number(largest["sample"]["wall"], 0)} seconds on two cores, with a peak of
        {number(largest["peak_gb"], 1)} GB. On Adult it samples {rates["trees"]} values per
        CPU second, `boosted` {rates["boosted"]}."""
    )


ATTACKS = ("worst", "chain", "average", "outliers")


def exposure(results: Results) -> str:
    """Mean AUC of the membership attacks on holdout rows and on the rows of both methods."""
    titles = {"fresh": "fresh real", "boosted": "`boosted`", "trees": "`trees`"}
    means = results["exposure"]["means"]
    return table(
        [
            "rows attacked",
            "strongest attack",
            "density ratio",
            "distances",
            "distances, isolated rows",
        ],
        [
            [title, *(number(means[name][f"membership_{attack}"], 3) for attack in ATTACKS)]
            for name, title in titles.items()
        ],
    )


def false_alarms(results: Results) -> str:
    """How often metrics raise an alarm on fresh real rows."""
    rates = results["false_alarms"]
    rate = {name: percent(metric["rate"]) for name, metric in rates["metrics"].items()}
    return paragraph(
        f"""**A metric must not raise alarms on fresh real rows.** In {rates["times"]} draws of three
        disjoint tables of {number(rates["rows"], 0)} people, the membership attack raised an alarm in
        {rate["membership_average"]} of the draws on rows drawn at random and in
        {rate["membership_outliers"]} on isolated rows, the DCR share in {rate["dcr_share"]}, and the
        detector in {rate["c2st_holdout"]}. Their intervals state {percent(rates["stated"])}, and
        {rates["times"]} draws determine the rate to about 1 percentage point. The reference is
        estimated from as few rows as the value, and its error has to be included: with the reference
        treated as exact, exact copies raised an alarm in 13 % and the detector in 15 % of the draws.
        With an interval of the difference, exact copies raise an alarm in {rate["exact_copies"]}
        (`benchmarks/false_alarms.py`)."""
    )


def false_findings(results: Results) -> str:
    """In how many scorecards of fresh real rows there is a finding."""
    rates = results["false_alarms"]
    draws, stated, count = rates["times"], rates["stated"], rates["scorecards_with_a_finding"]
    return paragraph(
        f"""With dozens of metrics, some raise an alarm by chance. Findings are therefore corrected for
        the number of metrics: of the same {draws} draws, {count} scorecards contained a finding, where
        a rate of {percent(stated)} allows {number(draws * stated, 0)}."""
    )


def evaluation_time(results: Results) -> str:
    """Time of an evaluation, against the same metrics from other libraries."""
    times = results["judge"]
    fast, full, million = times["without_attacks"], times["with_attacks"], times["million"]
    refits = results["refits"]
    return paragraph(
        f"""**Evaluation has to be cheap enough to run every time.** On Adult
        ({number(times["rows"], 0)} rows of 15 columns in each of three tables) the {fast["metrics"]}
        metrics without the attacks take {number(fast["wall"], 1)} seconds on two cores, all
        {full["metrics"]} take {number(full["wall"], 1)}. The same metrics from SDMetrics, scipy,
        scikit-learn, prdc, fairlearn and statsmodels take {number(times["times_faster_wall"], 1)} times
        as long, and {number(times["times_faster_wall_than_without_intervals"], 1)} times without the
        intervals from refits, which our utility metrics always compute. A million rows of fifty
        columns in each table take {number(million["wall"], 0)} seconds and
        {number(million["peak_gb"], 1)} GB: metrics that need more than one pass over the rows use a
        sample of 200,000, and the scorecard notes it (`benchmarks/judge.py`). Three things made the
        difference: distances that six metrics share are computed once; fits run in parallel, each on
        one core, instead of one fit on all cores; refits use half the rounds at two times the
        learning rate, which makes their scores vary {number(refits["least_ratio"], 2)} to
        {number(refits["largest_ratio"], 2)} times as much (`benchmarks/refits.py`)."""
    )


def leaderboard(results: Results) -> str:
    """The leaderboard of `artesian bench` on three data sets; the best mean of a metric is bold."""
    metrics = results["leaderboard"]["metrics"]
    lines = []
    for method in results["leaderboard"]["methods"]:
        means = [method["means"][metric] for metric in metrics]
        values = [number(mean["value"], 3) for mean in means]
        lines.append(
            [
                f"`{method['method']}`",
                number(method["rank"], 2),
                *(f"**{v}**" if m["best"] else v for m, v in zip(means, values, strict=True)),
                f"{method['exposed']} of {method['trials']}",
            ]
        )
    return table(["method", "mean rank", *(f"`{m}`" for m in metrics), "exposed"], lines)


def forecast_coverage(results: Results) -> str:
    """How many records since 2020 the intervals of two methods cover."""
    cut_offs = results["forecast"]["after_2020"]
    study, own = (cut_offs[name]["all"]["coverage"] for name in ("2024 study", "Artesian"))
    return paragraph(
        f"""Straight lines through all models, as in the study, had 80 % intervals that covered
        {percent(study)} of the records since 2020. Those of the frontier cover {percent(own)}, more
        than they should. Symmetric noise, shortfalls that do not depend on the number of models, and
        noise that depends on that number only were tried first and gave intervals that were too wide
        (`benchmarks/forecast.py`)."""
    )


def forecast_back_test(results: Results) -> str:
    """Coverage and CRPS of three forecasts, by set of cut-offs."""
    titles = {
        "Artesian": "Artesian",
        "2024 study": "Villalobos et al. 2024",
        "random walk": "random walk with drift",
    }
    parts = {"after_2020": "cut-offs", "vintages": "vintages", "together": "together"}
    lines = []
    for name, title in titles.items():
        line = [title]
        for part in parts:
            score = results["forecast"][part][name]["all"]
            line += [percent(score["coverage"]), number(score["crps"], 2)]
        lines.append(line)
    columns = [(f"{title}: coverage", "CRPS") for title in parts.values()]
    return table(["method", *(name for pair in columns for name in pair)], lines)


def forecast_speed(results: Results) -> str:
    """Seconds of one large and of ten small simulations."""
    speed = results["forecast_speed"]
    return paragraph(
        f"""A simulation of 100,000 draws and forty years takes
        {number(speed["one_scenario_100000_draws"]["wall"], 2)} seconds, ten scenarios of 20,000 draws
        take {number(speed["ten_scenarios_20000_draws"]["wall"], 2)}
        (`benchmarks/forecast_speed.py`)."""
    )
