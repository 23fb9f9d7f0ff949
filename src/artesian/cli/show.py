"""Print results: one JSON object, or tables and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from artesian.cli import terminal
from artesian.cli.terminal import visible
from artesian.core.formatting import three_decimals

if TYPE_CHECKING:
    from artesian.bench.runner import TrialResult
    from artesian.cli.options import Common
    from artesian.forecasting.series.rebuild import RebuiltSeries
    from artesian.metrics.evaluate import Scorecard
    from artesian.metrics.protocol import Result as MetricResult
    from artesian.metrics.protocol import Spec
    from artesian.metrics.relational.evaluate import DatasetScorecard
    from artesian.pipeline.bench import BenchmarkResult
    from artesian.pipeline.canaries import CanaryResult
    from artesian.pipeline.compare import CompareResult
    from artesian.pipeline.fit import FitResult
    from artesian.pipeline.forecast import Forecast
    from artesian.pipeline.inspect import InspectResult
    from artesian.pipeline.methods import MethodDescription
    from artesian.pipeline.synth import SynthesisResult


class Result(Protocol):
    """What a verb of the pipeline returns."""

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON types."""
        ...


R = TypeVar("R", bound=Result)


def show(result: R, common: Common, print_text: Callable[[R], None]) -> None:
    """Print a result as the options say: as JSON, as text, or not at all."""
    if common.json:
        print_json(result.to_dict())
    elif not common.quiet:
        print_text(result)


def print_json(result: Mapping[str, Any]) -> None:
    """Print the JSON object of `--json`; values of other types are converted to text."""
    terminal.write_json(result)


def print_line(line: str) -> None:
    """Print a line of the result."""
    terminal.write_line(line)


def print_stderr(line: str) -> None:
    """Print a line on standard error."""
    terminal.write_error(line)


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, as wide as the terminal, or 160 columns wide in a file."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    # Text, not markup: a column may be called "[red]".
    grid = Grid(*(escape(visible(title)) for title in titles), box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        grid.add_row(*(Text(visible(text)) for text in row))
    with console.capture() as capture:
        console.print(grid)
    terminal.write_rendered(capture.get().removesuffix("\n"))


def print_scorecard(scorecard: Scorecard | DatasetScorecard) -> None:
    """Print the verdict, one line per metric, and the findings."""
    from artesian.metrics.relational import spec_of

    print_line(scorecard.verdict)
    levels = {finding.code: finding.level.value for finding in scorecard.findings}
    rows = [
        (
            r.metric,
            spec.title if (spec := spec_of(r.metric)) else "",
            three_decimals(r.value),
            _interval(r),
            three_decimals(r.reference),
            f"skipped: {r.skipped}" if r.skipped else levels.get(r.metric, ""),
        )
        for r in scorecard.results
    ]
    print_rows(("metric", "", "value", "95 %", "real holdout", "worse than holdout"), rows)
    for finding in scorecard.findings:
        print_line(f"{finding.level.value}: {finding.code}: {finding.message}")
    if not scorecard.findings:
        print_line("No metric is significantly worse than for real holdout rows.")
    for note in scorecard.notes:
        print_line(f"note: {note}")


def print_candidates(cards: Mapping[str, Scorecard | DatasetScorecard]) -> None:
    """Print the verdict of each candidate, and a table of their values; a star marks the best."""
    from artesian.report.candidates import best_of

    for name, card in cards.items():
        print_line(f"{name}: {card.verdict}")
    rows = []
    for row in zip(*(card.results for card in cards.values()), strict=True):
        best = best_of(row)
        stars = ["*" if best is not None and r.value == best else "" for r in row]
        values = [f"{three_decimals(r.value)}{star}" for r, star in zip(row, stars, strict=True)]
        reference = next((r.reference for r in row if r.reference is not None), None)
        rows.append((row[0].metric, *values, three_decimals(reference)))
    print_rows(("metric", *cards, "real holdout"), rows)


def print_fit(result: FitResult) -> None:
    """Print the result of `fit`."""
    print_line(f"{result.method} ({result.reason}), fitted on {result.rows:,} rows: {result.out}")
    for note in result.notes:
        print_line(f"note: {note}")
    print_sample(result.out, related=bool(result.tables))


def print_synthesis(result: SynthesisResult) -> None:
    """Print the result of `synth`, and how to sample more rows."""
    print_scorecard(result.scorecard)
    name = result.model.settings.capabilities.name
    rows = sum(len(table) for table in result.synthetic.values())
    print_line(f"{rows:,} synthetic rows by {name}: {result.reason}")
    for note in result.notes:
        print_line(f"note: {note}")
    _print_report(result.out)
    if result.saved_model is not None:
        print_sample(result.saved_model)
    elif result.out is not None:
        print_line(
            "more rows: run it again with --rows N, or save a model for `artesian sample` with "
            "--release-model or --keep-model"
        )


def print_sample(model: Path, *, related: bool = False) -> None:
    """Print how to sample from a saved model."""
    size = "--scale 2 -o FOLDER" if related else "--rows N -o FILE"
    print_line(f"more rows: artesian sample {quote(str(model))} {size}")


def print_audit(result: CanaryResult) -> None:
    """Print the exposure of each kind of targets, and what it means."""
    rows = [
        (
            kind,
            f"{one.targets:,}",
            one.attack,
            f"{one.auc:.3f}",
            "{:.3f} - {:.3f}".format(*one.interval),
            *(f"{rate:.1%}" for rate in one.rates.values()),
            f"{one.epsilon:.2f}",
            f"{one.copies_in:,} / {one.copies_out:,}",
        )
        for kind, one in result.exposures.items()
    ]
    titles = ("targets", "", "strongest attack", "AUC", "95 %", "TPR at 1 % FPR", "at 10 %")
    print_rows((*titles, "epsilon at least", "copies in / out"), rows)
    print_line(result.message)


def print_comparison(result: CompareResult) -> None:
    """Print the scorecard of one candidate, or a table of several."""
    cards = result.scorecards
    if len(cards) > 1:
        print_candidates(cards)
    else:
        print_scorecard(*cards.values())
    _print_report(result.out)


def print_unmet(result: CompareResult) -> None:
    """Print a line on standard error for each requirement that is not met."""
    several = len(result.candidates) > 1
    for name, one in result.unmet:
        whose = f" by {name}" if several else ""
        print_stderr(f"requirement not met{whose}: {one.requirement}: {one.reason}")


def _print_report(out: Path | None) -> None:
    if out is not None:
        print_line(f"report: {out / 'report.html'}")


def print_leaderboard(result: BenchmarkResult) -> None:
    """Print the leaderboard and the number of trials."""
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
        rows.append((one["method"], rank, *values, three_decimals(one["fit"]), ", ".join(notes)))
    print_rows(("method", "mean rank", *metrics, "fit, s", ""), rows)
    for sentence in results["missing"]:
        print_line(f"note: {sentence}")
    trials = results["trials"]
    print_line(
        f"{trials['all']} trials: {trials['done']} done, {trials['failed']} failed, "
        f"{trials['reused']} reused from an earlier run; * is the best of a column"
    )
    print_line(f"leaderboard: {result.out / 'leaderboard.html'}")


def print_trial(trial: TrialResult, done: int, total: int) -> None:
    """Print a line on standard error for a finished trial."""
    if trial.error:
        outcome = f"failed: {trial.reason}"
    else:
        outcome = f"fitted in {trial.record['seconds']['fit']:.1f} s"
    print_stderr(f"[{done}/{total}] {trial.source}, {trial.method}, seed {trial.seed}: {outcome}")


def print_method(method: MethodDescription) -> None:
    """Print the description of a method and its settings."""
    print_line(f"{method.name}: {method.description}")
    for line in method.documentation.splitlines():
        print_line(line)
    print_line(f"source: {method.source}")
    rows = [(s.name, s.type, str(s.default), s.description) for s in method.settings]
    print_rows(("setting", "type", "default", "description"), rows)
    print_line(f"example: {method.example}")


def print_metric(spec: Spec) -> None:
    """Print the description of a metric."""
    print_line(f"{spec.name}: {spec.title} ({spec.family})")
    print_line(f"{spec.description}")
    print_line(f"range: {spec.low:g} to {spec.high:g}; better: {spec.better.value}")
    if spec.needs_holdout:
        print_line("It needs a holdout.")
    print_line(f"source: {spec.source}")
    print_line(f"example: artesian compare REAL SYNTHETIC --metrics {spec.name}")


def print_columns(result: InspectResult) -> None:
    """Print every table, and the foreign keys."""
    for name, table in result.dataset.items():
        key = ", ".join(table.schema.key) or "none"
        identified = f", key: {key}" if len(result.dataset) > 1 else ""
        print_line(f"{name}: {len(table):,} rows, {len(table.schema)} columns{identified}")
        for note in (*table.origin.notes, *result.protection[name]):
            print_line(f"note: {note}")
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
        print_rows(("column", "kind", "missing", "distinct", "evidence"), rows)
        if result.relations[name]:
            relations = [(one.relation, one.evidence) for one in result.relations[name]]
            print_rows(("relation", "evidence"), relations)
    for one in result.dataset.foreign_keys:
        print_line(f"foreign key: {one}: {result.reasons.get(one) or 'given'}")
    if len(result.dataset) > 1:
        for note in result.notes:
            print_line(f"note: {note}")


def _interval(result: MetricResult) -> str:
    return "" if result.interval is None else "{:.3f} - {:.3f}".format(*result.interval)


def print_forecast(forecast: Forecast) -> None:
    """Print the result, the probability by year, the sensitivity and the scenarios."""
    from artesian.forecasting.summary import (
        describe_alternative,
        describe_drivers,
        describe_growth,
    )
    from artesian.report.forecast import date_text, scenario_rows, title

    numbers = forecast.to_dict()
    print_line(numbers["understood_as"])
    print_line(f"{title(forecast.simulation)} {numbers['summary']}")
    if forecast.budget_sentence:
        print_line(forecast.budget_sentence)
    if forecast.alternative is not None:
        print_line(describe_alternative(forecast.alternative))
    print_line(describe_growth(forecast.simulation))
    for line in numbers["freshness"]:
        print_line(line)
    by_year = numbers["exhaustion"]["probability_by_year"]
    some = [
        year for year in by_year if int(year) % 5 == 0 or int(year) <= int(next(iter(by_year))) + 7
    ]
    print_rows(
        ["exhausted by the start of", *some[:12]], [["", *(f"{by_year[y]:.0%}" for y in some[:12])]]
    )
    print_rows(
        (
            "sensitivity to",
            "from",
            "to",
            "median date at low",
            "at high",
            "swing, years",
            "variance",
        ),
        [
            (
                one.title,
                one.low,
                one.high,
                date_text(one.date_at_low, one.horizon),
                date_text(one.date_at_high, one.horizon),
                f"{one.swing:+.1f}",
                "" if one.first_order is None else f"{one.first_order:.0%}",
            )
            for one in forecast.sensitivity[:8]
        ],
    )
    drivers = describe_drivers(forecast.sensitivity)
    if drivers:
        print_line(drivers)
    rows = scenario_rows(forecast.simulation, forecast.comparisons)
    print_rows(
        ("scenario", "median", "80 % interval", "shift, years", "by 2030"),
        [
            (row["name"], row["median"], row["interval"], row["shift"], row["probabilities"][1])
            for row in rows
        ],
    )
    for row in rows[1:]:
        print_line(f"{row['name']}, understood as: {row['understood']}")
    _print_report(forecast.out)


def print_rebuilt_series(rebuilt: RebuiltSeries, *, as_json: bool) -> None:
    """Print what a rebuilt series contains, and how it is used."""
    if as_json:
        print_json(
            {
                "out": str(rebuilt.out),
                "rows": rebuilt.rows,
                "newest": rebuilt.newest.isoformat(),
                "excluded": dict(rebuilt.excluded),
            }
        )
        return
    excluded = ", ".join(f"{count} {reason}" for reason, count in rebuilt.excluded.items())
    print_line(
        f"{rebuilt.rows} language models, the newest of {rebuilt.newest.isoformat()}"
        + (f"; excluded: {excluded}" if excluded else "")
    )
    print_line(f"Use it with: artesian forecast --data {rebuilt.out}")


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
