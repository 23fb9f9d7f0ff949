"""`artesian canaries`: does a method hand on rows that were planted for it?"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Place, Positive


def canaries(
    source: Place,
    /,
    *,
    method: str = "auto",
    count: int = 200,
    repeats: int = 1,
    temperature: Positive = None,
    protect: bool = True,
    schema: str | None = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Plant rows that nobody could guess, fit a method, and look for them in what it makes.

    Ends with 1 if they are found: then the method hands on rows of this source.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        method: auto, or a name that `artesian methods` lists.
        count: Rows to plant, each column drawn by itself; as many are kept aside to compare with.
        repeats: How often each is planted.
        temperature: Below 1 makes rows more typical, above 1 more varied.
        protect: Replace rare categories and extreme numbers; --no-protect keeps them.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
    """
    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.data.read import read
    from artesian.pipeline.canaries import look_for_canaries
    from artesian.pipeline.synth import SynthesisConfig
    from artesian.runs.steps import Steps

    common = common or Common()
    settings = {"temperature": temperature, "protect": None if protect else False}
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        steps = Steps(run)
        with steps.step("read"):
            table = read(source, schema=schema)
        found = look_for_canaries(
            table,
            SynthesisConfig(method=method, settings=settings),
            steps,
            count=count,
            repeats=repeats,
        )
    if common.json:
        show.print_json({**found.to_dict(), "seconds": steps.seconds})
    elif not common.quiet:
        show.say(found.words)
    return int(found.found)
