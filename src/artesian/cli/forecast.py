"""`artesian forecast`: when does human data run out, for the world and for one's own domain?"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Flag, Out, Several


def forecast(
    *,
    modality: str | None = None,
    demand: str | None = None,
    language: str | None = None,
    change: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    scenario: Several = None,
    my_corpus: str | None = None,
    my_growth: str | None = None,
    my_quality: str | None = None,
    my_passes: str | None = None,
    my_demand: str | None = None,
    my_demand_growth: str | None = None,
    data: Several = None,
    draws: int = 20_000,
    reproduce: Flag = False,
    out: Out = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Forecast when demand for training data reaches what there is, and what would change it.

    Amounts may have a letter, a unit and an interval: 5B, 30T..60T tokens, 0.1..0.4@90, 3..8%/year.

    Args:
        modality: text (the indexed web, the default), users (all that people have put on the
            internet), high-quality, low-quality or images; a corpus of your own if --my-corpus is
            given.
        demand: trend (fitted to the largest training sets), study (the mixture of the study of 2024),
            historical or compute (its parts), or mine.
        language: Text in one language only, such as German or deu.
        change: An input and what it becomes, such as quality=0.2 or levers.opt_out=0.3.
        scenario: A TOML file of scenarios to set beside the first; without one, each lever is moved
            alone.
        my_corpus: Tokens (or words) that your corpus holds.
        my_growth: How it grows, such as 5%/year or 1.05.
        my_quality: Share of it that is good enough to train on.
        my_passes: How often you train on the same text.
        my_demand: Tokens that your training needs today; without it, the largest training sets.
        my_demand_growth: How that grows, such as 40%/year.
        data: Newer series in the place of those shipped: a table of models in the form of Epoch AI's
            database, or their sizes alone (date, value), a population (year, pop_hist, pop_future),
            shares of languages (language, share).
        draws: Possible futures to simulate, of each scenario.
        reproduce: Show the published figures of the reference studies beside ours, and nothing else.
        out: A folder for report.html, forecast.json and manifest.json.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import staged_folder
    from artesian.core.errors import UsageError
    from artesian.forecasting.comparison_scenarios import one_lever_each, read_scenarios
    from artesian.pipeline.clock import Clock
    from artesian.pipeline.forecast import asked, look_ahead, write

    common = common or Common()
    if reproduce:
        from artesian.forecasting.studies.reproduction import reproduction

        rows = reproduction()
        if common.json:
            show.print_json({"reproduction": [row.to_dict() for row in rows]})
        else:
            show.print_reproduction(rows)
        return 0
    mine = {
        "my_corpus": my_corpus,
        "my_growth": my_growth,
        "my_quality": my_quality,
        "my_passes": my_passes,
        "my_demand": my_demand,
        "my_demand_growth": my_demand_growth,
    }
    changes = {}
    for text in change or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"--set {text!r}", hint="write it as name=value, such as quality=0.2")
        changes[name.strip()] = value.strip()
    base = asked(modality, demand, language, mine, changes)
    others = (
        one_lever_each(base)
        if scenario is None
        else [one for file in scenario for one in read_scenarios(Path(file), base)]
    )
    place = None if out is None else Path(out)
    with (
        running(common.seed, quiet=common.quiet) as run,
        nullcontext() if place is None else staged_folder(place, force=common.force) as stage,
    ):
        clock = Clock(run)
        found = look_ahead(base, others, clock, data=[Path(one) for one in data or ()], draws=draws)
        if stage is not None:
            write(found, stage, clock)
    if common.json:
        show.print_json({**found.to_dict(), "out": out, "seconds": clock.seconds})
    elif not common.quiet:
        show.print_forecast(found)
        if place is not None:
            show.say(f"report: {place / 'report.html'}")
    return 0
