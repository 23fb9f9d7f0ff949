"""Policies: which rows a generation is fitted on, given the real rows and all generated ones.

Replace and accumulate: Shumailov et al. 2024; Gerstgrasser et al. 2024. Subsample: Kazdan et al. 2024.
Mix: the fresh-data loop of Alemohammad et al. 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.formatting import percent

PolicyName = Literal["replace", "accumulate", "subsample", "mix", "verified"]

DESCRIPTIONS: dict[PolicyName, str] = {
    "replace": "only the rows of the generation before",
    "accumulate": "the real rows and the rows of all generations before",
    "subsample": "as many rows as the source has, drawn from the real rows and all generated ones",
    "mix": "fresh real rows for a fixed proportion, the generation before for the rest",
    "verified": "rows of the generation before, resampled by a classifier that compares them with "
    "real rows",
}

POOLED: tuple[PolicyName, ...] = ("accumulate", "subsample")
"""Policies that use all earlier generations; the others use the last."""

EXAMPLE = "replace, mix=10%, subsample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a generation is fitted on.

    Attributes:
        name: The policy.
        real: For 'mix', the proportion of rows that are real, in [0, 1]; 0 for the others.
    """

    name: PolicyName
    real: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.real <= 1:
            raise UsageError(
                f"{self.real:g} is not a proportion of real rows",
                hint="give a number from 0 to 1, as mix=0.1 or mix=10%",
            )

    @property
    def label(self) -> str:
        """Its name in tables and charts."""
        return f"mix, {percent(self.real)} real" if self.name == "mix" else self.name

    @property
    def text(self) -> str:
        """The text that `parse_policy` reads."""
        return f"mix={self.real:g}" if self.name == "mix" else self.name

    def real_rows(self, rows: int) -> int:
        """Number of real rows among `rows` of 'mix'."""
        return round(self.real * rows)


def parse_policy(text: str) -> Policy:
    """Parse a policy.

    Raises:
        UsageError: The policy does not exist, or its proportion is missing or outside 0..1.

    >>> parse_policy("mix=10%").real, parse_policy("replace").label
    (0.1, 'replace')
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    names: tuple[PolicyName, ...] = get_args(PolicyName)
    chosen = next((one for one in names if one == name), None)
    if chosen is None:
        raise UsageError(f"there is no policy {name!r}", hint=did_you_mean(name, names))
    if (name == "mix") != bool(equals):
        problem = (
            "the policy 'mix' needs the proportion of real rows"
            if name == "mix"
            else f"the policy {name!r} takes no value, but {value!r} is given"
        )
        raise UsageError(problem, hint=f"write it like {EXAMPLE}")
    return Policy(name=chosen, real=parse_proportion(value) if equals else 0.0)


def parse_proportion(text: str) -> float:
    """A proportion such as '10%' or '0.1'.

    Raises:
        UsageError: It is not a number from 0 to 1.
    """
    number = text.strip()
    try:
        value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise UsageError(
            f"{text!r} is not a proportion", hint="give a number from 0 to 1, as 0.1 or 10%"
        )
    return value
