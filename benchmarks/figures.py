"""Tables and sentences of the docs, each written from the JSON of one benchmark.

Every function takes the results by name and returns Markdown. `peer_tables` has those of
`single_table.json`; `docs_tables` puts all of them into the documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def constraints(results: Results) -> str:
    """Rows that break a declared constraint, by method."""
    rows = [row for row in results["constraints"]["results"] if "skipped" not in row]
    lines = []
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        accepted = [row["accepted"] for row in own]
        times = sorted(row["seconds"] / max(row["seconds_without"], 1e-9) for row in own)
        sampled = results["constraints"]["rows"] * len(own)
        lines.append(
            [
                f"`{method}`",
                number(sampled, 0),
                number(sum(sum(row["broken"].values()) for row in own), 0),
                f"{percent(min(accepted))} to {percent(max(accepted))}",
                f"{number(times[len(times) // 2], 1)} x",
                f"{sum(row['discovered'] - len(row['discovered_broken']) for row in own)} of "
                f"{sum(row['discovered'] for row in own)}",
            ]
        )
    head = ["method", "rows", "rows that break a constraint", "accepted", "time (median)"]
    return table([*head, "discovered relations that hold in all rows"], lines)


RECORD = "text, confident sizes"
FORECASTS = {
    "drift": "`drift` (default)",
    "recent": "`recent`: drift updated with 3 years",
    "drift, last 10 years": "drift updated with 10 years",
    "drift, half the noise": "drift, half the noise",
    "drift, tokens per parameter": "drift, tokens per parameter growing",
    "frontier": "frontier",
    "drift and frontier": "equal mixture of drift and frontier",
    "mixture by past score": "mixture by past score",
    "2024 study": "Villalobos et al. 2024",
    "fitted random walk": "random walk, fitted",
}
"""Titles of the methods of the back-test."""


def forecast_coverage(results: Results) -> str:
    """How many records since 2020 the intervals of three methods cover, and their scores."""
    methods = results["forecast"]["cut_offs"][RECORD]
    study, frontier, drift = (methods[name] for name in ("2024 study", "frontier", "drift"))
    return paragraph(
        f"""Straight lines through all models, as in the study, had 80 % intervals that covered
        {percent(study["coverage"]["value"])} of the records since 2020. Those of the frontier, the
        former default, cover {percent(frontier["coverage"]["value"])}, more than they should. A
        random walk with the drift of the prior covers {percent(drift["coverage"]["value"])}, and its
        CRPS is {number(drift["crps"]["value"], 2)} against {number(frontier["crps"]["value"], 2)}
        (`benchmarks/forecast.py`)."""
    )


def forecast_back_test(results: Results) -> str:
    """Coverage, CRPS and its difference to the default, since 2020 and from vintages."""
    parts = (results["forecast"]["cut_offs"][RECORD], results["forecast"]["vintages"])
    lines = []
    for name, title in FORECASTS.items():
        line = [title]
        for part in parts:
            score = part[name]
            line += [
                f"{percent(score['coverage']['value'])} {_interval(score['coverage'], percent)}",
                number(score["crps"]["value"], 3),
                "" if name == "drift" else _interval(score["difference"], _signed),
            ]
        lines.append(line)
    head = ["method"]
    for title in ("since 2020", "vintages"):
        head += [f"{title}: coverage", "CRPS", "difference"]
    return table(head, lines)


def forecast_horizons(results: Results) -> str:
    """Bias and coverage by horizon of the two models that are shown side by side, by set."""
    lines = []
    for title, methods in (
        ("since 2020", results["forecast"]["cut_offs"][RECORD]),
        ("vintages", results["forecast"]["vintages"]),
    ):
        for years, default in methods["drift"]["by_horizon"].items():
            other = methods["recent"]["by_horizon"][years]
            lines.append(
                [
                    title,
                    f"{int(years) - 1} to {years}" if title == "vintages" else years,
                    f"{default['cases']} ({default['distinct_outcomes']})",
                    *(_signed(one["bias"]) for one in (default, other)),
                    *(percent(one["coverage"]) for one in (default, other)),
                ]
            )
    columns = [
        f"{name} of {model}" for name in ("bias", "coverage") for model in ("`drift`", "`recent`")
    ]
    return table(["set", "years ahead", "forecasts (different outcomes)", *columns], lines)


def forecast_definitions(results: Results) -> str:
    """CRPS of `drift` and `recent` by definition of the record."""
    lines = [
        [
            title,
            *(number(methods[name]["crps"]["value"], 3) for name in ("drift", "recent")),
            _interval(methods["recent"]["difference"], _signed),
        ]
        for title, methods in results["forecast"]["cut_offs"].items()
    ]
    return table(["record of", "CRPS of `drift`", "of `recent`", "difference"], lines)


def forecast_outcomes(results: Results) -> str:
    """How many forecasts and different outcomes are behind the scores."""
    since, vintages = (
        results["forecast"]["cut_offs"][RECORD]["drift"],
        results["forecast"]["vintages"]["drift"],
    )
    return paragraph(
        f"""Since 2020 there are {since["cases"]} forecasts from {since["cut_offs"]} cut-offs, with
        {since["distinct_outcomes"]} different outcomes; from vintages, {vintages["cases"]} forecasts
        from {vintages["cut_offs"]}, with {vintages["distinct_outcomes"]}."""
    )


def _interval(score: Mapping[str, Any], text: Callable[[float], str]) -> str:
    low, high = (text(end) for end in score["interval"])
    return f"({low} to {high})"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value, 3)}"


def forecast_speed(results: Results) -> str:
    """Seconds of one large and of ten small simulations."""
    speed = results["forecast_speed"]
    return paragraph(
        f"""A simulation of 100,000 draws and forty years takes
        {number(speed["one_scenario_100000_draws"]["wall"], 2)} seconds, ten scenarios of 20,000 draws
        take {number(speed["ten_scenarios_20000_draws"]["wall"], 2)}
        (`benchmarks/forecast_speed.py`)."""
    )
