"""`artesian forecast`: forecast when demand for training data exceeds the stock of human data."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Flag, Out, Several

if TYPE_CHECKING:
    from artesian.forecasting.model.corpus import Corpus


def forecast(
    *,
    modality: str | None = None,
    demand: str | None = None,
    language: str | None = None,
    change: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    scenario: Several = None,
    corpus: str | None = None,
    corpus_growth: str | None = None,
    corpus_quality: str | None = None,
    corpus_epochs: str | None = None,
    corpus_demand: str | None = None,
    corpus_demand_growth: str | None = None,
    data: Several = None,
    draws: int = 20_000,
    reproduce: Flag = False,
    out: Out = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Forecast when demand for training data reaches the stock, and which levers change the date.

    Amounts accept a suffix, a unit and an interval: 5B, 30T..60T tokens, 0.1..0.4@90, 3..8%/year.

    Args:
        modality: text (the indexed web, the default), users (all text written by internet users),
            high-quality, low-quality or images; a private corpus if --corpus is given.
        demand: Source of demand: trend (fitted to the largest training sets), study (the mixture of
            Villalobos et al. 2024), historical or compute (its components), or corpus.
        language: Language to restrict text to, such as German or deu.
        change: Input and value that replaces its default, such as quality=0.2 or levers.opt_out=0.3.
        scenario: TOML file of scenarios to compare with the baseline; without one, each lever is
            varied alone.
        corpus: Size of a private corpus in tokens (or words).
        corpus_growth: Yearly growth of the corpus, such as 5%/year or 1.05.
        corpus_quality: Fraction of the corpus usable for training.
        corpus_epochs: Training epochs over the corpus.
        corpus_demand: Tokens needed for training now; without it, the largest training sets.
        corpus_demand_growth: Yearly growth of the tokens needed, such as 40%/year.
        data: CSV file to use instead of a bundled series: a table of models in the format of Epoch
            AI's database, training-set sizes (date, value), population (year, pop_hist, pop_future),
            or web pages by language (language, fraction).
        draws: Number of draws per scenario.
        reproduce: Only compare the published figures of the reference studies with recomputed ones.
        out: Folder for report.html, forecast.json and manifest.json.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import staged_folder
    from artesian.core.errors import UsageError
    from artesian.forecasting.comparison_scenarios import one_at_a_time, read_scenarios
    from artesian.pipeline.forecast import build_scenario, run_forecast, write_forecast_folder
    from artesian.runs.steps import Steps

    common = common or Common()
    if reproduce:
        from artesian.forecasting.studies.reproduction import reproduction

        rows = reproduction()
        if common.json:
            show.print_json({"reproduction": [row.to_dict() for row in rows]})
        else:
            show.print_reproduction(rows)
        return 0
    overrides = {}
    for text in change or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"--set {text!r}", hint="give name=value, such as quality=0.2")
        overrides[name.strip()] = value.strip()
    own = _corpus(
        corpus, corpus_growth, corpus_quality, corpus_epochs, corpus_demand, corpus_demand_growth
    )
    base = build_scenario(modality, demand, language, own, overrides)
    comparisons = (
        one_at_a_time(base)
        if scenario is None
        else [one for file in scenario for one in read_scenarios(Path(file), base)]
    )
    folder = None if out is None else Path(out)
    with (
        running(common.seed, quiet=common.quiet) as run,
        nullcontext() if folder is None else staged_folder(folder, force=common.force) as stage,
    ):
        steps = Steps(run)
        files = [Path(file) for file in data or ()]
        result = run_forecast(base, comparisons, steps, data_files=files, draws=draws)
        if stage is not None:
            write_forecast_folder(result, stage, steps)
    if common.json:
        show.print_json({**result.to_dict(), "out": out, "seconds": steps.seconds})
    elif not common.quiet:
        show.print_forecast(result)
        if folder is not None:
            show.say(f"report: {folder / 'report.html'}")
    return 0


def _corpus(tokens: str | None, *others: str | None) -> Corpus | None:
    """Build the private corpus from its flags; None without any of them.

    Raises:
        UsageError: A flag is given without the size of the corpus.
    """
    from artesian.core.errors import UsageError
    from artesian.forecasting.model.corpus import Corpus

    growth, quality, epochs, demand, demand_growth = others
    if tokens is not None:
        return Corpus(
            tokens=tokens,
            growth=growth,
            quality=quality,
            epochs=epochs,
            demand=demand,
            demand_growth=demand_growth,
        )
    if any(value is not None for value in others):
        raise UsageError(
            "the size of the corpus is missing",
            hint="give --corpus, such as --corpus 5B",
        )
    return None
