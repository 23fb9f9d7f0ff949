"""The safe budget of a generator: how many generations on its own rows, with how much real data.

`artesian stress` writes it as `safe_budget.json`; `artesian forecast --safe-budget` and release gates
read it. A file may come from anybody, so it is read as hostile: its size is limited, and names, types
and ranges are checked before anything is used. The schema is docs/safe-budget.schema.json.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

from artesian.core.errors import DataError
from artesian.core.formatting import count, percent
from artesian.core.validated import Between, InvalidValue, Rows, require, validate

SAFE_BUDGET = "safe_budget.json"
KIND, FORMAT = "artesian safe budget", 1
MAX_BYTES = 65_536
MAX_NAME = 200

Proportion = Annotated[float, Between(0, 1)]
Generations = Annotated[int, Between(0, 100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeBudget:
    """At most `generations` generations, with at least `real_proportion` real rows in each.

    Attributes:
        generations: Generations for which the level is held; 0 if no proportion holds it.
        real_proportion: Proportion of fresh real rows in every generation that this needs, in [0, 1].
        generations_without_real: Generations for which generated rows alone hold it; None if this was
            not tested.
        level: Proportion of rare categories and of tail mass that is held, in (0, 1].
        generator: Method, or 'the command'.
        rows: Rows of the source that were used.
        tested_generations, replicates: Size of the test.
    """

    generations: Generations
    real_proportion: Proportion
    generations_without_real: Generations | None
    level: Proportion
    generator: str
    rows: Rows
    tested_generations: Generations
    replicates: Generations

    def check_values(self) -> None:
        """Check what ties the numbers together."""
        require(self.generations <= self.tested_generations, "more generations than were tested")
        without = self.generations_without_real
        require(without is None or without <= self.tested_generations, "more than were tested")
        require(self.level > 0, "level is 0")
        require(0 < len(self.generator) <= MAX_NAME, "the name of the generator is empty or long")
        require(self.generator.isprintable(), "the name of the generator cannot be printed")

    @property
    def synthetic_proportion(self) -> float:
        """Proportion of rows that may be generated, in [0, 1]; 0 if nothing is safe."""
        return round(1 - self.real_proportion, 9) if self.generations else 0.0

    @property
    def sentence(self) -> str:
        """The budget in words."""
        if not self.generations:
            return f"no proportion of generated rows is safe ({self.generator})"
        return (
            f"at most {count(self.generations, 'generation')} with at least "
            f"{percent(self.real_proportion)} real rows ({self.generator})"
        )

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return {"kind": KIND, "format": FORMAT, **dataclasses.asdict(self)}


def read_safe_budget(path: Path) -> SafeBudget:
    """Read a safe budget.

    Args:
        path: The file, or the folder of a stress test.

    Raises:
        DataError: It cannot be read, is not a safe budget, or holds an impossible value.
    """
    file = path / SAFE_BUDGET if path.is_dir() else path
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise DataError(
            f"{file} cannot be read: {problem.strerror}",
            hint="give the folder of `artesian stress`, or its safe_budget.json",
        ) from problem
    try:
        require(len(content) <= MAX_BYTES, f"it has more than {MAX_BYTES:,} bytes")
        values = json.loads(
            content, object_pairs_hook=_without_duplicates, parse_constant=_no_number
        )
        require(isinstance(values, dict), "it is not an object")
        require(values.pop("kind", None) == KIND, f"its kind is not {KIND!r}")
        require(values.pop("format", None) == FORMAT, f"its format is not {FORMAT}")
        _require_names(set(values))
        for name in ("real_proportion", "level"):  # JSON does not distinguish 1 from 1.0
            if type(values[name]) is int:
                values[name] = float(values[name])
        budget = SafeBudget(**values)
        validate(budget, "safe budget")
    except (ValueError, RecursionError, OverflowError) as problem:
        reason = str(problem) if isinstance(problem, InvalidValue) else "it is not JSON"
        raise DataError(
            f"{file} is not a safe budget: {reason}", hint="write it again with `artesian stress`"
        ) from problem
    return budget


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    require(len(values) == len(pairs), "a name occurs more than once")
    return values


def _no_number(text: str) -> NoReturn:
    raise InvalidValue(f"{text} is not a number")


def _require_names(own: set[str]) -> None:
    names = {field.name for field in dataclasses.fields(SafeBudget)}
    missing, unknown = sorted(names - own), sorted(own - names)
    require(not missing, f"{', '.join(missing)} is missing")
    require(not unknown, f"it holds {', '.join(unknown)[:60]!r} as well")
