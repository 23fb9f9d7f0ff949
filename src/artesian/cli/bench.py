"""`artesian bench`: benchmark synthesizers on your own data."""

from __future__ import annotations

from typing import Literal

from artesian.cli.options import (
    CommaSeparated,
    Common,
    Count,
    Flag,
    Fraction,
    OptionalCount,
    Positive,
    Repeatable,
    RequiredOut,
    Shared,
    output_path,
)


def bench(
    *,
    sources: CommaSeparated,
    out: RequiredOut,
    methods: Repeatable = None,
    external: Repeatable = None,
    seeds: Count = 3,
    metrics: CommaSeparated | None = None,
    target: Repeatable = None,
    rows: OptionalCount = None,
    holdout: Fraction = 0.2,
    workers: OptionalCount = None,
    engine: Literal["local", "ray"] = "local",
    timeout: Positive = None,
    retry_failed: Flag = False,
    common: Shared = None,
) -> int:
    """Benchmark synthesizers on your own data.

    Every method runs on every source with every seed: split, fit, sample, evaluate. OUT receives
    leaderboard.html, leaderboard.md, results.json, results.csv, and a file for each finished trial;
    the same command continues an interrupted benchmark. The exit code is 1 if a trial failed.

    Args:
        sources: Files or tables of databases, separated by commas.
        out: Folder to create, or one of an earlier benchmark to continue.
        methods: Names listed by `artesian methods`, separated by commas, with settings in brackets:
            trees,boosted(rounds=40); trees,boosted,marginals by default.
        external: Other tool, as NAME='COMMAND {train} {out} {rows} {seed}', that reads the CSV file
            {train} and writes the CSV file {out}; it runs in a temporary folder without a shell.
        seeds: Number of seeds, counted from --seed.
        metrics: Names listed by `artesian metrics`, separated by commas.
        target: Target column; a source uses the first that it has.
        rows: Maximum number of rows used from a source.
        holdout: Fraction of the rows that is not used for fitting.
        workers: Number of trials that run at the same time; one per core by default.
        engine: Where trials run: local (processes of this machine) or ray.
        timeout: Time limit of a trial in seconds.
        retry_failed: Repeat trials that failed earlier.
    """

    from artesian.bench.methods import parse_externals
    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.bench import BenchmarkConfig, benchmark

    common = common or Common()
    config = BenchmarkConfig(
        sources=sources,
        out=output_path(out),
        methods=methods,
        external=parse_externals(external or ()),
        seeds=seeds,
        metrics=metrics,
        targets=target or (),
        rows=rows,
        holdout=holdout,
        engine=engine,
        workers=workers,
        timeout=timeout,
        retry_failed=retry_failed,
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = benchmark(config, run, None if common.quiet else show.print_trial)
    show.show(result, common, show.print_leaderboard)
    return 1 if result.failed else 0
