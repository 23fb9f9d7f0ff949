"""`artesian bench`: synthesizers set against each other on your own data."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from artesian.cli.options import Common, Flag, Positive, Rows, Several, Share, positive


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
    common: Annotated[Common | None, Parameter(name="*")] = None,
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

    from artesian.bench.methods import methods as contenders
    from artesian.bench.methods import parts
    from artesian.bench.plan import ordered
    from artesian.bench.runner import Row, run_order
    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.core.errors import UsageError
    from artesian.engine import CATALOG
    from artesian.pipeline.bench import HTML, write_leaderboard

    common = common or Common()
    tools = {}
    for one in external or ():
        name, equals, command = one.partition("=")
        if not equals:
            raise UsageError(
                f"the external method {one!r} has no '='",
                hint="write NAME='COMMAND {train} {out} {rows} {seed}'",
            )
        if name in tools:
            raise UsageError(
                f"the method {name!r} stands more than once", hint="give every method once"
            )
        tools[name] = command
    named = methods or ([] if tools else ["trees,boosted,marginals"])
    found = contenders(named, tools)
    works = CATALOG[engine](workers=workers, limit=timeout)

    def told(row: Row, done: int, cells: int) -> None:
        if not common.quiet:
            spent = "" if row.error else f"{row.found['seconds']['fit']:.1f} s"
            said = f"failed: {row.reason}" if row.error else f"fitted in {spent}"
            place = f"{row.source}, {row.method}, seed {row.seed}"
            show.complain(f"[{done}/{cells}] {place}: {said}")

    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        order = ordered(
            found,
            [place for given in sources for place in parts(given)],
            seeds=seeds,
            first_seed=common.seed,
            metrics=None if metrics is None else [m for given in metrics for m in parts(given)],
            targets=target or (),
            rows=rows,
            holdout=holdout,
            run=run,
        )
        answers = run_order(
            order,
            Path(out),
            engine=works,
            run=run,
            force=common.force,
            retry_failed=retry_failed,
            told=told,
        )
        results = write_leaderboard(Path(out), order, answers)
    if common.json:
        show.print_json({"out": out, **results})
    elif not common.quiet:
        show.print_board(results)
        show.say(f"leaderboard: {Path(out) / HTML}")
    return 1 if results["cells"]["failed"] else 0
