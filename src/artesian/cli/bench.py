"""`artesian bench`: benchmark synthesizers on your own data."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from artesian.cli.options import Common, Flag, Positive, Rows, Several, Share, Shared, positive


def bench(
    *,
    sources: Annotated[list[str], Parameter(negative="")],
    out: Annotated[str, Parameter(name=["--out", "-o"])],
    methods: Several = None,
    external: Several = None,
    seeds: Annotated[int, Parameter(validator=positive)] = 3,
    metrics: Several = None,
    target: Several = None,
    rows: Rows = None,
    holdout: Share = 0.2,
    workers: Rows = None,
    engine: Literal["local", "ray"] = "local",
    timeout: Positive = None,
    retry_failed: Flag = False,
    common: Shared = None,
) -> int:
    """Set synthesizers against each other on your own data.

    Every method runs on every source with every seed: hold out, fit, sample, judge. OUT receives
    leaderboard.html, leaderboard.md, results.json, results.csv, and a file for each finished cell:
    the same command goes on where an earlier one was stopped. Ends with 1 if a cell failed.

    Args:
        sources: Files or tables of databases, with commas between them.
        out: The folder to make, or one of an earlier run to continue.
        methods: Names that `artesian methods` lists, with commas between them and settings in
            brackets: trees,boosted(rounds=40). trees,boosted,marginals if not given.
        external: Another tool, as NAME='COMMAND {train} {out} {rows} {seed}': it reads the CSV file
            {train} and writes the CSV file {out}, and runs in a temporary folder without a shell.
        seeds: How many, counted from --seed.
        metrics: Names that `artesian metrics` lists, with commas between them.
        target: A column that usefulness is judged by; a source takes the first given that it has.
        rows: Most rows of a source to use, drawn by the seed.
        holdout: Share of the rows that no method sees.
        workers: Cells side by side; as many as there are cores if not given.
        engine: Where cells run: processes of this machine, or Ray.
        timeout: Seconds that a cell may take.
        retry_failed: Run cells again that failed before.
    """
    from pathlib import Path

    from artesian.bench.methods import parse_externals
    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.pipeline.bench import BenchmarkConfig, benchmark
    from artesian.runs.settings import split_list

    common = common or Common()
    config = BenchmarkConfig(
        sources=[source for given in sources for source in split_list(given)],
        out=Path(out),
        methods=methods,
        external=parse_externals(external or ()),
        seeds=seeds,
        metrics=None
        if metrics is None
        else [name for given in metrics for name in split_list(given)],
        targets=target or (),
        rows=rows,
        holdout=holdout,
        engine=engine,
        workers=workers,
        timeout=timeout,
        retry_failed=retry_failed,
        force=common.force,
    )
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        result = benchmark(config, run, None if common.quiet else show.complain_trial)
    if common.json:
        show.print_json(result.to_dict())
    elif not common.quiet:
        show.print_leaderboard(result)
    return 1 if result.failed else 0
