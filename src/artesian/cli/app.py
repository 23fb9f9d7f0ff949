"""`artesian`: the verbs, and how each way to end becomes an exit code.

Exit codes: 0 done; 1 a problem, or a requirement not met; 2 the command itself is wrong; 3 refused
by a policy; 130 stopped. A verb's module is imported only when that verb is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App

from artesian import __version__

VERBS = {
    "synth": "Make synthetic data from real data, and judge it.",
    "fit": "Fit a model and save it.",
    "sample": "Draw rows from a saved model, any number of them.",
    "compare": "Judge synthetic data from any tool against real data.",
    "canaries": "Plant rows, and look for them in what a method makes of them.",
    "bench": "Set synthesizers against each other on your own data.",
    "forecast": "Forecast when training data is exhausted: public data or a private corpus.",
    "inspect": "Show what a source holds, and what was inferred and why.",
    "methods": "List the synthesizers.",
    "metrics": "List the metrics.",
    "doctor": "Show whether this installation is whole and fast.",
}


def build() -> App:
    """The command line as an object."""
    app = App(
        name="artesian",
        help="Synthetic data from your own, with the numbers to judge it.",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    for place, (verb, line) in enumerate(VERBS.items()):
        module = f"artesian.cli.{verb}:{verb}"
        # Markdown joins the lines of a paragraph; the first page, which must be fast, has no need.
        app.command(module, name=verb, help=line, help_format="markdown", sort_key=place)
    return app


def call(tokens: Sequence[str]) -> int:
    """Run one command line, given without the program's name, and return its exit code."""
    from artesian.cli.options import DASH

    given = [DASH if token == "-" else token for token in tokens]
    try:
        code = build()(given, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader hung up (`| head`): not our problem, and nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except (Exception, KeyboardInterrupt) as problem:
        if "--debug" in tokens:
            import traceback

            traceback.print_exc()
        from artesian.cli import failures

        return failures.show(failures.as_artesian(problem), as_json="--json" in tokens)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The `artesian` command."""
    try:
        sys.exit(call(sys.argv[1:]))
    except KeyboardInterrupt:
        os._exit(130)  # a second Ctrl-C while the first was being told
