"""Every command with damaged inputs of every kind: rows, or an error of two lines, and no trace.

Run as a program for the whole campaign, under a trace of system calls where strace is installed:

    python -m tests.hostile.mutations [COUNT] [--seed 0]

Counted are tracebacks, other wrong messages, crashes, hangs past 30 seconds, files left beside the
output, and, by the trace, files changed elsewhere and sockets.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.commands import environment, two_lines
from tests.hostile.damages import Damage
from tests.hostile.inputs import COLUMNS, write_schemas, write_series, write_tables
from tests.hostile.isolation import outcomes
from tests.hostile.models import Edit, edits, events, fit
from tests.hostile.odd_tables import FORMS, OddTable
from tests.hostile.traces import foreign_acts, traced

import artesian as ar

WHOLE = 5_000
SECONDS = 30.0
SHOWN = 30
FAST = ("-q", "--method", "marginals")
BENCH = tuple(["--methods", "marginals", "--seeds", "1", "--metrics", "ks", "--workers", "1", "-q"])
METHODS = ("marginals", "trees", "boosted")
OUTPUTS = (".csv", ".parquet", ".sqlite", ".duckdb", ".xlsx", ".jsonl", "")


@dataclass(frozen=True, slots=True)
class Call:
    """One command line in a folder of its own, with an input that is damaged.

    Attributes:
        folder: It has `in` with the input, `out` for the output, `tmp`, and the empty `cwd`.
        tokens: The command line.
        what: Which input, and how it was damaged.
    """

    folder: Path
    tokens: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"{self.tokens[0]} {self.what}"


@dataclass(frozen=True, slots=True)
class Sources:
    """What is damaged."""

    tables: list[Path]
    schemas: list[Path]
    series: list[Path]
    models: list[Path]

    @classmethod
    def write(cls, folder: Path, models: list[Path]) -> Sources:
        """Write one file of each kind."""
        folders = {name: folder / name for name in ("tables", "schemas", "series")}
        for each in folders.values():
            each.mkdir(parents=True)
        frame = events(40).select(COLUMNS)
        return cls(
            tables=write_tables(folders["tables"], frame),
            schemas=write_schemas(folders["schemas"]),
            series=write_series(folders["series"]),
            models=models,
        )


def calls(sources: Sources, folder: Path, count: int, seed: int) -> Iterator[Call]:
    """`count` calls: half with a damaged or odd table, the rest with a model, a schema or a series."""
    rng = random.Random(seed)
    models = edits(sources.models, count, seed)
    plain = next(path for path in sources.tables if path.name == "t.csv")
    for number in range(count):
        place = folder / str(number)
        for name in ("in", "out", "tmp", "cwd"):
            (place / name).mkdir(parents=True)
        out = str(place / "out" / "o")
        kind = rng.choices(("odd", "table", "model", "schema", "series"), (20, 30, 25, 17, 8))[0]
        damage: Damage | Edit | OddTable
        if kind == "model":
            damage, given = next(models), place / "in" / "model"
            tokens = ["sample", str(given), "--rows", "50", "-o", out + rng.choice(OUTPUTS), "-q"]
        elif kind == "odd":
            given = place / "in" / f"t.{rng.choice(FORMS)}"
            damage = OddTable(given, rng.randrange(2**32))
            tokens = _with_table(rng, given, plain, out)
        else:
            files = {"table": sources.tables, "schema": sources.schemas, "series": sources.series}
            damage = Damage(rng.choice(files[kind]), rng.randrange(2**32))
            given = place / "in" / damage.path.name
            tokens = {
                "table": _with_table,
                "schema": _with_schema,
                "series": _with_series,
            }[kind](rng, given, plain, out)
        with contextlib.suppress(ValueError):  # an edit that leaves no model of any kind
            damage.apply(given)
        yield Call(place, tuple(tokens), str(damage))


def _with_table(rng: random.Random, given: Path, plain: Path, out: str) -> list[str]:
    fast = ("-q", "--method", rng.choices(METHODS, (8, 1, 1))[0])
    verbs: dict[str, tuple[float, list[str]]] = {
        "inspect": (3, [str(given), *rng.choice(([], ["--json"], ["-o", out]))]),
        "synth": (3, [str(given), "-o", out, "--metrics", "ks", *fast]),
        "fit": (2, [str(given), "-o", out, *fast]),
        "compare": (2, [*rng.choice(([given, plain], [plain, given])), "--metrics", "ks", "-q"]),
        "canaries": (0.3, [str(given), "--count", "4", "--models", "2", *FAST]),
        "bench": (0.1, ["--sources", str(given), "-o", out, *BENCH]),
    }
    verb = rng.choices(list(verbs), [weight for weight, _ in verbs.values()])[0]
    return [verb, *map(str, verbs[verb][1])]


def _with_schema(rng: random.Random, given: Path, plain: Path, out: str) -> list[str]:
    verb = rng.choice(("inspect", "synth", "fit", "compare"))
    more = {
        "inspect": [],
        "synth": ["-o", out, "--metrics", "ks", *FAST],
        "fit": ["-o", out, *FAST],
        "compare": [str(plain), "--metrics", "ks", "-q", "-o", out],
    }[verb]
    return [verb, str(plain), *more, "--schema", str(given)]


def _with_series(rng: random.Random, given: Path, plain: Path, out: str) -> list[str]:
    option = "--scenario" if given.suffix == ".toml" else "--data"
    more = rng.choice(([], ["--modality", "users"], ["--demand", "historical"]))
    return ["forecast", option, str(given), "--draws", "100", "-o", out, "-q", *more]


def answered(call: Call) -> str:
    """'rows', 'error', or 'fault: ...', of one command line in this process."""
    from artesian.cli import terminal
    from artesian.cli.app import call as run

    if warnings.showwarning is not terminal._show_warning:
        terminal.prepare()

    os.chdir(call.folder / "cwd")
    tempfile.tempdir = os.environ["TMPDIR"] = str(call.folder / "tmp")
    with _captured(call.folder) as texts:
        code = run(list(call.tokens))
        out, errors = texts()
    if b"Traceback" in out + errors:
        return f"traceback: {errors.decode(errors='replace')[-600:]}"
    if code == 0:
        return "rows"
    errors = b"".join(
        line for line in errors.splitlines(keepends=True) if not line.startswith(b"warning: ")
    )
    failed_trials = call.tokens[0] == "bench" and code == 1 and not errors
    if failed_trials or (two_lines(errors) and code in (1, 2, 3)):
        return "error"
    return f"message: exit code {code}: {errors.decode(errors='replace')[:600]}"


@contextlib.contextmanager
def _captured(folder: Path) -> Iterator[Callable[[], list[bytes]]]:
    """Redirect standard output and error, those of libraries too, into files without names."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in range(2)]
        for number, file in enumerate(files, 1):
            saved = os.dup(number)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, number)
            os.dup2(file.fileno(), number)

        def texts() -> list[bytes]:
            sys.stdout.flush()
            sys.stderr.flush()
            return [os.pread(file.fileno(), 1 << 20, 0) for file in files]

        yield texts


@dataclass
class Campaign:
    """Calls, and what was wrong with them.

    Attributes:
        results: How often each result came: rows, error, traceback, message, crash, hang.
        verbs: How often each command was called.
        wrong: One line for each fault.
    """

    folder: Path
    results: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def run(self, sources: Sources, count: int, seed: int) -> None:
        """Make `count` calls in another process."""
        made = calls(sources, self.folder / "calls", count, seed)
        for call, result in outcomes(answered, made, seconds=SECONDS):
            kind = result.partition(":")[0]
            self.results[kind] += 1
            self.verbs[call.tokens[0]] += 1
            left = self._left(call, ended=kind not in ("crash", "hang"))
            if left:
                self.results["left"] += 1
                self.wrong.append(f"{call}: left {left}")
            if kind not in ("rows", "error"):
                self.wrong.append(f"{call}: {result}\n    {' '.join(call.tokens)}")
            shutil.rmtree(call.folder)

    def _left(self, call: Call, *, ended: bool) -> list[str]:
        """What lies where nothing may; a process that did not end removes nothing."""
        folders = ("cwd", "tmp") if ended else ("cwd",)
        left = [path for name in folders for path in (call.folder / name).iterdir()]
        if ended:
            left += [p for p in (call.folder / "out").iterdir() if p.name.partition(".")[0] != "o"]
        return [str(path.relative_to(call.folder)) for path in left]


def main() -> int:
    """Run a campaign, and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=WHOLE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="used by this program for itself")
    asked = parser.parse_args()
    if asked.folder is None:
        return _traced(asked.count, asked.seed)
    campaign = Campaign(asked.folder)
    (asked.folder / "models").mkdir()
    methods = (ar.Marginals(), ar.Trees(), ar.Boosted())
    models = [fit(asked.folder / "models", method, events()) for method in methods]
    campaign.run(Sources.write(asked.folder / "sources", models), asked.count, asked.seed)
    print(f"{asked.count} inputs: {dict(campaign.results)}; commands: {dict(campaign.verbs)}")
    print("\n".join(campaign.wrong[:SHOWN]), flush=True)
    return int(bool(campaign.wrong))


def _traced(count: int, seed: int) -> int:
    """Run the campaign in another process, under a trace where that is possible."""
    with tempfile.TemporaryDirectory() as name:
        folder, trace = Path(name).resolve() / "campaign", Path(name) / "trace"
        folder.mkdir()
        (folder / "tmp").mkdir()
        command = [sys.executable, "-m", "tests.hostile.mutations", str(count), "--seed", str(seed)]
        command = traced([*command, "--folder", str(folder)], trace)
        env = environment(TMPDIR=str(folder / "tmp"), ARTESIAN_MAX_MEMORY="1GB")
        code = subprocess.run(command, env=env, check=False).returncode
        if not trace.exists():
            print("system calls were not traced: there is no strace here")
            return code
        with trace.open(encoding="utf-8", errors="replace") as lines:
            acts = list(foreign_acts(lines, folder))
        print(f"{len(acts)} system calls on sockets, other programs or files outside")
        print("\n".join(acts[:SHOWN]))
        return code or int(bool(acts))


if __name__ == "__main__":
    sys.exit(main())
