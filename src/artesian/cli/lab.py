"""`artesian lab`: laboratory experiments of model collapse, each curve with its theory."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from artesian.cli.options import Out, Shared, optional_path


def lab(
    name: str,
    *,
    model: Literal["scratch", "smollm2"] = "scratch",
    change: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    out: Out = None,
    common: Shared = None,
) -> int:
    """Run a laboratory experiment of model collapse, each curve with its theory.

    Args:
        name: gaussian, mixture, categories (rare categories), verifier (a biased one), vae or language.
        model: Model of 'language': scratch (a small transformer trained from scratch), or smollm2
            (SmolLM2-135M-Instruct, fine-tuned).
        change: Setting of the experiment, such as generations=200 or sizes=100,500.
        out: Folder for report.html, lab.json and manifest.json.
    """
    from artesian.cli.options import Common
    from artesian.cli.progress import running
    from artesian.cli.show import show
    from artesian.cli.show_collapse import print_lab
    from artesian.core.errors import UsageError
    from artesian.pipeline.lab import LabConfig, run_lab
    from artesian.runs.settings import parse_assignments

    common = common or Common()
    if model == "smollm2" and name not in ("language", "smollm2"):
        raise UsageError(
            f"the experiment {name!r} has no model {model!r}", hint="leave --model out"
        )
    config = LabConfig(
        name="smollm2" if model == "smollm2" else name,
        settings=parse_assignments(change or (), example="generations=200"),
        out=optional_path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        outcome = run_lab(config, run)
    show(outcome, common, print_lab)
    return 0
