"""`artesian`: the verbs, and the exit code of each outcome.

Exit codes: 0 success; 1 an error, or an unmet requirement; 2 a wrong command; 3 refused by a policy;
128 + n ended by signal n. The module of a verb is imported only when that verb is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App

from artesian import __version__
from artesian.cli import failures, signals, terminal

VERBS = {
    "synth": "Generate synthetic data from real data, and evaluate it.",
    "fit": "Fit a model and save it.",
    "sample": "Sample rows from a saved model.",
    "augment": "Add synthetic rows of a class, and measure whether they help a classifier.",
    "impute": "Draw missing values conditionally on the known values of their rows.",
    "score": "Score rows by a saved model: log-likelihood, and how unusual they are.",
    "compare": "Evaluate synthetic data from any tool against real data.",
    "canaries": "Audit with shadow models whether a method memorises rows.",
    "bench": "Benchmark synthesizers on your own data.",
    "forecast": "Forecast when training data is exhausted: public data or a private corpus.",
    "stress": "Test what a method loses when it is fitted on its own rows.",
    "lab": "Run a laboratory experiment of model collapse, with its theory.",
    "inspect": "Show the columns of a source, what was inferred and why.",
    "methods": "List the synthesizers, or describe one with its settings.",
    "metrics": "List the metrics, or describe one.",
    "doctor": "Check whether the installation is complete and fast.",
}


def build() -> App:
    """The command line as an object."""
    app = App(
        name="artesian",
        help="Generate synthetic data from your own, and evaluate it.",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    for place, (verb, line) in enumerate(VERBS.items()):
        module = f"artesian.cli.{verb}:{verb}"
        # Markdown joins the lines of a paragraph; the first page must be fast, and does without.
        app.command(module, name=verb, help=line, help_format="markdown", sort_key=place)
    return app


def call(tokens: Sequence[str]) -> int:
    """Run one command line, given without the program's name, and return its exit code."""
    from artesian.cli.options import DASH

    given = [DASH if token == "-" else token for token in tokens]
    try:
        code = build()(given, exit_on_error=False, print_error=False, result_action="return_value")
        terminal.flush()
    except BrokenPipeError:
        # The reader closed the pipe (`| head`): no error, and nothing more can be written to it.
        terminal.discard_output()
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except BaseException as problem:  # a panic of a library in Rust is no Exception
        if "--debug" in tokens:
            import traceback

            for line in traceback.format_exc().splitlines():
                terminal.write_error(line)
        return failures.show(failures.as_artesian(problem), as_json="--json" in tokens)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The `artesian` command."""
    signals.install()
    try:
        terminal.prepare()
        code = call(sys.argv[1:])
        if code == signals.exit_code():
            # At once: threads may still be at work, and after SIGINT the interpreter has its own code.
            os._exit(code)
        signals.uninstall()
    except KeyboardInterrupt:  # another signal while the first one was being reported
        os._exit(signals.exit_code() or 130)
    sys.exit(code)
