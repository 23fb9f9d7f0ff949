"""`artesian forecast`: forecast when demand for training data exceeds the stock of human data."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.corpus_options import DRAWS, CorpusOptions, check_unused
from artesian.cli.options import Common, Flag, Out, Repeatable, Shared, optional_path


def forecast(
    *,
    modality: str | None = None,
    demand: str | None = None,
    language: str | None = None,
    change: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    safe_budget: str | None = None,
    scenario: Repeatable = None,
    private: Annotated[CorpusOptions | None, Parameter(name="*")] = None,
    data: Repeatable = None,
    draws: int = DRAWS,
    reproduce: Flag = False,
    rebuild_series: str | None = None,
    out: Out = None,
    common: Shared = None,
) -> int:
    """Forecast when demand for training data reaches the stock, and which levers change the date.

    Amounts: 5B, 20GB, 4B words, 5B to 8B, 0.1..0.4@90. Growth: 5%/year, 3%/month, 1.05x/year.
    The first line of the output states how the inputs were understood.

    Args:
        modality: text (the indexed web, the default), users (all text written by internet users),
            high-quality, low-quality or images; a private corpus if --corpus is given.
        demand: Source of demand: drift (the largest training set so far, growing by a prior),
            recent (the same, updated with the growth of the last three years), study (the mixture of
            Villalobos et al. 2024), historical or compute (its components), or corpus.
        language: Language to restrict text to, such as German or deu.
        change: Input and value that replaces its default, such as quality=0.2 or levers.opt_out=0.3.
        safe_budget: Folder of `artesian stress`, or its safe_budget.json: generated data meet demand up
            to the proportion that it allows.
        scenario: TOML file of scenarios to compare with the baseline; without one, each lever is
            varied alone.
        data: CSV file to use instead of a bundled series: a table of models in the format of Epoch
            AI's database, training-set sizes (date, value), population (year, pop_hist, pop_future),
            or web pages by language (language, fraction).
        draws: Number of draws, up to 1,000,000; comparison scenarios use at most 100,000.
        reproduce: Only compare the published figures of the reference studies with recomputed ones.
        rebuild_series: Only rebuild the series of language models from this table of Epoch AI's
            database (epoch.ai/data), and write it to the file --out, for --data.
        out: Folder for report.html, forecast.json and manifest.json.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.forecast import ForecastConfig, rebuilt, run_forecast
    from artesian.runs.settings import parse_assignments

    common = common or Common()
    unused = (modality, demand, language, change, scenario, data, draws, private, safe_budget)
    if reproduce:
        check_unused("--reproduce", *unused, out=out, rebuild_series=rebuild_series)
        show.print_reproduction(as_json=common.json)
        return 0
    if rebuild_series is not None:
        check_unused("--rebuild-series", *unused)
        series = rebuilt(Path(rebuild_series), optional_path(out), force=common.force)
        show.print_rebuilt_series(series, as_json=common.json)
        return 0
    config = ForecastConfig(
        modality=modality,
        demand=demand,
        language=language,
        corpus=(private or CorpusOptions()).to_corpus(),
        overrides=parse_assignments(change or (), example="quality=0.2"),
        safe_budget=optional_path(safe_budget),
        scenarios=None if scenario is None else [Path(file) for file in scenario],
        data=[Path(file) for file in data or ()],
        draws=draws,
        out=optional_path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        result = run_forecast(config, run)
    if common.json:
        show.print_json({**result.to_dict(), "out": out, "seconds": result.seconds})
    elif not common.quiet:
        show.print_forecast(result)
    return 0
