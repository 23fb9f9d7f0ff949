"""Tables with categories of stated rarity, and small plans."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.stress.chain import Generator
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.runner import StressPlan, run_stress
from artesian.core.run import Run
from artesian.data.read import read
from artesian.data.table import Table
from artesian.engine.local import Local
from artesian.engine.protocol import Outcome

RARE = {"Vey": 6, "Wim": 7, "Xol": 12, "Yun": 15, "Zab": 30}
"""Rare towns and their rows among 2,000."""

FEW = {"Secret": 3}
"""A town of fewer than five rows, which must be named nowhere."""


def towns(rows: int = 2000, seed: int = 0) -> Table:
    """Two categories, a boolean and two numbers; `rows` at least 400."""
    rng = np.random.default_rng(seed)
    names = [name for name, n in (RARE | FEW).items() for _ in range(n)]
    names += rng.choice(["Aa", "Bo", "Ce"], rows - len(names)).tolist()
    frame = pl.DataFrame(
        {
            "town": rng.permutation(names),
            "trade": rng.choice([f"t{k}" for k in range(20)], rows, p=_zipf(20)),
            "member": rng.random(rows) < 0.3,
            "pay": np.round(rng.lognormal(7, 1, rows), 2),
            "age": np.clip(rng.normal(45, 15, rows), 18, 99).round(),
        }
    )
    return read(frame)


def _zipf(n: int) -> Any:
    weights = 1 / np.arange(1, n + 1)
    return weights / weights.sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling(Generator):
    """Rows drawn with replacement, after categories of few rows are replaced, or sharpened.

    Attributes:
        below: Towns of fewer training rows are suppressed; 0 for none.
        temperature: Towns are drawn with their proportions to the power of 1 / temperature.
    """

    below: int = 0
    temperature: float = 1.0

    def rows(self, train: Table, rows: int, run: Run) -> Table:
        towns = train.frame["town"]
        counts = towns.value_counts(name="n")
        if self.below:
            few = counts.filter(pl.col("n") < self.below)["town"]
            towns = towns.to_frame().select(
                pl.when(pl.col("town").is_in(few.implode()))
                .then(pl.lit("(rare)"))
                .otherwise("town")
                .alias("town")
            )["town"]
        n = train.frame.join(counts, on="town", maintain_order="left")["n"].to_numpy()
        weights = n ** (1 / self.temperature - 1.0)
        chosen = run.seed.rng().choice(len(train), rows, p=weights / weights.sum())
        drawn = train.with_frame(train.frame.with_columns(towns)[chosen])
        if not self.below:
            return drawn
        columns = [
            replace(c, suppressed="(rare)", suppressed_below=self.below) if c.name == "town" else c
            for c in drawn.schema
        ]
        return replace(drawn, schema=replace(drawn.schema, columns=tuple(columns)))


class Inline:
    """An engine that runs parts in this process, and counts them."""

    threads = 1

    def __init__(self) -> None:
        self.parts = 0

    def ready(self) -> None:
        return None

    def opened(self) -> Any:
        return nullcontext(self)

    def map(self, task: Any, parts: Any, *, run: Run) -> Any:
        for place, part in enumerate(parts):
            self.parts += 1
            try:
                yield Outcome(place=place, value=task(part))
            except Exception as problem:
                yield Outcome(place=place, problem=problem)


def stress(
    table: Table,
    chains: Path,
    *policies: str,
    generator: Generator | None = None,
    engine: Any = None,
    seed: int = 0,
    **more: Any,
) -> StressResult:
    """Run a small stress test in this process; resampling is the default generator."""
    settings: dict[str, Any] = {"generations": 3, "replicates": 2, "level": 0.9, "bisect": False}
    settings["controls"] = 20
    named: tuple[Policy, ...] = tuple(parse_policy(text) for text in policies or ("replace",))
    plan = StressPlan(
        source=table,
        generator=generator or Resampling(method="resampling"),
        policies=named,
        **(settings | more),
    )
    chains.mkdir(exist_ok=True)
    return run_stress(plan, chains, engine or Inline(), Run.from_seed(seed))


def local(workers: int) -> Local:
    """An engine of processes."""
    return Local(workers=workers)


TOOLS = {
    "resample": (
        "import csv, random\n"
        "rows = list(csv.reader(open(train)))\n"
        "random.seed(int(sys.argv[3]))\n"
        "csv.writer(open(out, 'w')).writerows(rows[:1] + random.choices(rows[1:], k=len(rows) - 1))"
    ),
    "fails_in_generation_2": (
        "import pathlib; runs = pathlib.Path(sys.argv[0]).with_suffix('.runs')\n"
        "n = len(runs.read_text()) if runs.exists() else 0\n"
        "runs.write_text('x' * (n + 1))\n"
        "open(out, 'w').write(open(train).read())\n"
        "sys.exit('no more \\x1b[31mmemory' if n >= 2 else 0)"
    ),
    "too_few": "open(out, 'w').writelines(open(train).readlines()[:50])",
    "other_columns": (
        "rows = [line.split(',') for line in open(train)]\n"
        "open(out, 'w').writelines(','.join(row[1:]) for row in rows)"
    ),
    "hangs": "import time; time.sleep(60)",
}


def tool(folder: Path, name: str) -> str:
    """The command of a tool."""
    script = folder / f"{name}.py"
    script.write_text(f"import sys\ntrain, out = sys.argv[1:3]\n{TOOLS[name]}\n")
    return f"{sys.executable} {script} {{train}} {{out}} {{seed}}"
