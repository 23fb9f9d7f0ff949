"""What the verbs print: one JSON object, or tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artesian.bench.runner import TrialResult
    from artesian.metrics.evaluate import Scorecard
    from artesian.metrics.protocol import Result, Spec
    from artesian.pipeline.bench import BenchmarkResult
    from artesian.pipeline.compare import CompareResult
    from artesian.pipeline.forecast import Forecast
    from artesian.pipeline.inspect import InspectResult
    from artesian.pipeline.methods import MethodDescription
    from artesian.pipeline.synth import SynthesisResult


def print_json(thing: Mapping[str, Any]) -> None:
    """The one JSON object of `--json`; what JSON does not know is written as text."""
    print(json.dumps(thing, ensure_ascii=False, default=str, allow_nan=False), flush=True)


def say(line: str) -> None:
    """One line of the answer."""
    print(line, flush=True)


def complain(line: str) -> None:
    """One line that is not the answer."""
    print(line, file=sys.stderr, flush=True)


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as wide as the terminal; into a file, lines are not cut."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    grid = Grid(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        # Text, not markup: a column may be called "[red]".
        grid.add_row(*(Text(cell) for cell in row))
    console.print(grid)


def print_scorecard(scorecard: Scorecard) -> None:
    """The verdict, one line a metric, and the findings in words."""
    from artesian.metrics import CATALOG

    say(scorecard.verdict)
    levels = {found.code: found.level.value for found in scorecard.findings}
    rows = [
        (
            r.metric,
            CATALOG[r.metric].spec.title,
            _figure(r.value),
            _interval(r),
            _figure(r.reference),
            f"skipped: {r.skipped}" if r.skipped else levels.get(r.metric, ""),
        )
        for r in scorecard.results
    ]
    print_rows(("metric", "", "value", "95 %", "real holdout", "worse than real rows"), rows)
    for found in scorecard.findings:
        say(f"{found.level.value}: {found.code}: {found.message}")
    if not scorecard.findings:
        say("No measure is worse than that of unseen real rows by more than chance.")
    for note in scorecard.notes:
        say(f"note: {note}")


def print_candidates(cards: Mapping[str, Scorecard]) -> None:
    """A verdict for each candidate, and their values side by side; a star marks the best."""
    from artesian.report.candidates import best_of

    for name, card in cards.items():
        say(f"{name}: {card.verdict}")
    rows = []
    for row in zip(*(card.results for card in cards.values()), strict=True):
        best = best_of(row)
        stars = ["*" if best is not None and r.value == best else "" for r in row]
        values = [f"{_figure(r.value)}{star}" for r, star in zip(row, stars, strict=True)]
        held = next((r.reference for r in row if r.reference is not None), None)
        rows.append((row[0].metric, *values, _figure(held)))
    print_rows(("metric", *cards, "real holdout"), rows)


def print_synthesis(result: SynthesisResult) -> None:
    """What `synth` did and where it lies."""
    print_scorecard(result.scorecard)
    name = result.model.settings.capabilities.name
    rows = sum(len(table) for table in result.synthetic.values())
    say(f"{rows:,} rows by {name}: {result.reason}")
    for note in result.notes:
        say(f"note: {note}")
    _say_report(result.out)


def print_comparison(result: CompareResult) -> None:
    """The scorecard of one candidate, or those of several side by side."""
    cards = result.scorecards
    if len(cards) > 1:
        print_candidates(cards)
    else:
        print_scorecard(*cards.values())
    _say_report(result.out)


def complain_unmet(result: CompareResult) -> None:
    """One line for each requirement that is not met."""
    several = len(result.candidates) > 1
    for name, one in result.unmet:
        whose = f" by {name}" if several else ""
        complain(f"requirement not met{whose}: {one.requirement}: {one.reason}")


def _say_report(out: Path | None) -> None:
    if out is not None:
        say(f"report: {out / 'report.html'}")


def print_leaderboard(result: BenchmarkResult) -> None:
    """What `bench` found: one line a method, and what became of the cells."""
    results = result.results
    metrics = results["plan"]["metrics"]
    rows = []
    for one in results["leaderboard"]:
        means = [one["means"].get(metric) for metric in metrics]
        values = ["" if m is None else f"{m['value']:.3f}{'*' * m['best']}" for m in means]
        rank = "" if one["rank"] is None else f"{one['rank']:.2f}"
        notes = [
            f"{one[key]} of {one['trials']} {key}" for key in ("failed", "exposed") if one[key]
        ]
        rows.append((one["method"], rank, *values, _figure(one["fit"]), ", ".join(notes)))
    print_rows(("method", "mean rank", *metrics, "fit, s", ""), rows)
    trials = results["trials"]
    say(
        f"{trials['all']} trials: {trials['done']} done, {trials['failed']} failed, "
        f"{trials['reused']} reused from an earlier run; * is the best of a column"
    )
    say(f"leaderboard: {result.out / 'leaderboard.html'}")


def complain_trial(trial: TrialResult, done: int, total: int) -> None:
    """One line for a finished trial of `bench`."""
    if trial.error:
        outcome = f"failed: {trial.reason}"
    else:
        outcome = f"fitted in {trial.record['seconds']['fit']:.1f} s"
    complain(f"[{done}/{total}] {trial.source}, {trial.method}, seed {trial.seed}: {outcome}")


def print_method(method: MethodDescription) -> None:
    """A method with its settings."""
    say(f"{method.name}: {method.description}")
    say(method.documentation)
    say(f"source: {method.source}")
    rows = [(s.name, s.type, str(s.default), s.description) for s in method.settings]
    print_rows(("setting", "type", "default", "what it does"), rows)
    say(f"example: {method.example}")


def print_metric(spec: Spec) -> None:
    """A metric with its range and its source."""
    say(f"{spec.name}: {spec.title} ({spec.family})")
    say(f"{spec.description}")
    say(f"range: {spec.low:g} to {spec.high:g}; better: {spec.better.value}")
    if spec.needs_holdout:
        say("It needs a holdout.")
    say(f"source: {spec.source}")
    say(f"example: artesian compare REAL SYNTHETIC --metrics {spec.name}")


def print_columns(result: InspectResult) -> None:
    """What `inspect` found: every table, and the foreign keys."""
    for name, table in result.dataset.items():
        say(f"{name}: {len(table):,} rows, {len(table.schema)} columns")
        for note in table.origin.notes:
            say(f"note: {note}")
        rows = [
            (
                column.name,
                column.kind + (f" ({column.role})" if column.role else ""),
                f"{column.missing:,}",
                f"{column.distinct:,}",
                column.evidence,
            )
            for column in result.columns[name]
        ]
        print_rows(("column", "kind", "missing", "distinct", "because"), rows)
    for key in result.dataset.foreign_keys:
        say(f"foreign key: {key}")
    if len(result.dataset) > 1:
        for note in result.dataset.origin.notes:
            say(f"note: {note}")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(result: Result) -> str:
    return "" if result.interval is None else "{:.3f} - {:.3f}".format(*result.interval)


def print_forecast(forecast: Forecast) -> None:
    """Print the result, the probability by year, the sensitivity and the scenarios."""
    from artesian.report.forecast import scenario_rows, title

    numbers = forecast.to_dict()
    say(f"{title(forecast.simulation)} {numbers['summary']}")
    by_year = numbers["exhaustion"]["probability_by_year"]
    some = [
        year for year in by_year if int(year) % 5 == 0 or int(year) <= int(next(iter(by_year))) + 7
    ]
    print_rows(
        ["exhausted by the start of", *some[:12]], [["", *(f"{by_year[y]:.0%}" for y in some[:12])]]
    )
    print_rows(
        ("sensitivity to", "date at 10th percentile", "at 90th", "swing, years", "Sobol index"),
        [
            (
                one.name,
                f"{one.date_at_p10:.1f}",
                f"{one.date_at_p90:.1f}",
                f"{one.swing:+.1f}",
                f"{one.first_order:.2f}",
            )
            for one in forecast.sensitivity[:8]
        ],
    )
    print_rows(
        ("scenario", "median", "80 % interval", "shift, years", "by 2030"),
        [
            (row["name"], row["median"], row["interval"], row["shift"], row["probabilities"][1])
            for row in scenario_rows(forecast.simulation, forecast.comparisons)
        ],
    )
    _say_report(forecast.out)


def print_reproduction(*, as_json: bool) -> None:
    """Print published and recomputed figures, their difference and its cause."""
    from artesian.forecasting.studies.reproduction import reproduction

    rows = reproduction()
    if as_json:
        print_json({"reproduction": [row.to_dict() for row in rows]})
        return
    print_rows(
        (
            "quantity",
            "unit",
            "published",
            "interval",
            "recomputed",
            "interval",
            "difference",
            "cause",
        ),
        [
            (
                row.quantity,
                row.unit,
                f"{row.published:g}",
                _ends(row.published_interval),
                "" if row.reproduced is None else f"{row.reproduced:.5g}",
                _ends(row.interval),
                "" if row.difference is None else f"{row.difference:+.1f} {row.difference_unit}",
                row.cause,
            )
            for row in rows
        ],
    )


def _ends(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.5g} to {interval[1]:.5g}"
