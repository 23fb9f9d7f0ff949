"""Foreign tools as small scripts, tables to run them on, and runs of the benchmark."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.cli.people import write_people

from artesian.bench.methods import methods
from artesian.bench.plan import BenchmarkPlan, make_plan
from artesian.bench.runner import TrialResult, run_plan
from artesian.core.run import Run
from artesian.engine.local import Local

TOOLS = {
    "copy": "open(out, 'w').write(open(train).read())",
    "fails": "print('first words'); sys.exit('it could not\\n\\n')",
    "silent": "sys.exit(3)",
    "writes_nothing": "pass",
    "writes_rubbish": "open(out, 'w').write('age,town,since,member,pay\\n')",
    "drops_a_column": (
        "rows = [line.split(',') for line in open(train)]\n"
        "open(out, 'w').writelines(','.join(row[1:]) for row in rows)"
    ),
    "sleeps": "import time; time.sleep(60)",
    "kills_its_parent": "import os; os.kill(os.getppid(), 9)",
    "counts": (
        "import pathlib; runs = pathlib.Path(sys.argv[0]).with_suffix('.runs')\n"
        "runs.write_text((runs.read_text() if runs.exists() else '') + 'x')\n"
        "open(out, 'w').write(open(train).read())"
    ),
}


def tool(folder: Path, name: str) -> str:
    """The command of a tool."""
    script = folder / f"{name}.py"
    script.write_text(f"import sys\ntrain, out = sys.argv[1:3]\n{TOOLS[name]}\n")
    return f"{sys.executable} {script} {{train}} {{out}}"


def small_plan(
    folder: Path, *given: str, tools: tuple[str, ...] = (), **more: Any
) -> BenchmarkPlan:
    """A plan on one small table, with fast metrics."""
    found = methods(given, {name: tool(folder, name) for name in tools})
    settings: dict[str, Any] = {"seeds": 1, "metrics": ["ks", "exact_copies"]}
    return make_plan(found, [str(write_people(folder / "people.csv"))], **settings | more)


def rows_of(plan: BenchmarkPlan, out: Path, **more: Any) -> dict[str, TrialResult]:
    """The rows of a run with one worker, by method; of several seeds the last."""
    limit = more.pop("limit", None)
    rows = run_plan(plan, out, engine=Local(workers=1, limit=limit), run=Run(), **more)
    return {row.method: row for row in rows}
