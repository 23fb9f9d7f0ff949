"""The options of `artesian forecast` that describe a private corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from artesian.cli.options import Amount
from artesian.core.errors import UsageError

if TYPE_CHECKING:
    from artesian.forecasting.model.corpus import Corpus

DRAWS = 20_000
"""Default number of draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusOptions:
    """A private corpus.

    Attributes:
        corpus: Size of a private corpus, such as 5B tokens, 4B words, 20GB or 10M documents.
        corpus_growth: Growth of the corpus, such as 5%/year, 1.05x/year or -2%.
        corpus_quality: Fraction of the corpus usable for training.
        corpus_epochs: Training epochs over the corpus.
        corpus_demand: Tokens needed for training now; without it, the largest training sets.
        corpus_demand_growth: Growth of the tokens needed, such as 40%/year, 3%/month or "doubling every
            9 months".
    """

    corpus: Amount = None
    corpus_growth: Amount = None
    corpus_quality: Amount = None
    corpus_epochs: Amount = None
    corpus_demand: Amount = None
    corpus_demand_growth: Amount = None

    def given(self) -> dict[str, object]:
        """Values by option."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def to_corpus(self) -> Corpus | None:
        """The corpus; None without any of its options.

        Raises:
            UsageError: An option is given without the size of the corpus.
        """
        from artesian.forecasting.model.corpus import Corpus

        others = {
            "growth": self.corpus_growth,
            "quality": self.corpus_quality,
            "epochs": self.corpus_epochs,
            "demand": self.corpus_demand,
            "demand_growth": self.corpus_demand_growth,
        }
        if self.corpus is not None:
            return Corpus(tokens=self.corpus, **others)
        if any(value is not None for value in others.values()):
            raise UsageError(
                "the size of the corpus is missing", hint="give --corpus, such as --corpus 5B"
            )
        return None


def check_unused(
    only: str,
    modality: str | None,
    demand: str | None,
    language: str | None,
    change: Sequence[str] | None,
    scenario: Sequence[str] | None,
    data: Sequence[str] | None,
    draws: int,
    private: CorpusOptions | None,
    safe_budget: str | None,
    **others: str | None,
) -> None:
    """Check that no option is given that `only` does not use, which is a command of its own.

    Args:
        only: Option that is the command, such as '--reproduce'.
        modality, demand, language, change, scenario, data, draws, private, safe_budget: Options of a
            forecast.
        others: Other options by name.

    Raises:
        UsageError: One is given.
    """
    options: dict[str, object] = {
        "modality": modality,
        "demand": demand,
        "language": language,
        "set": change,
        "scenario": scenario,
        "data": data,
        "draws": None if draws == DRAWS else draws,
        "safe-budget": safe_budget,
        **others,
        **(private or CorpusOptions()).given(),
    }
    unused = [f"--{n.replace('_', '-')}" for n, value in options.items() if value is not None]
    if unused:
        raise UsageError(
            f"{only} does not use {', '.join(unused)}",
            hint=f"omit {unused[0] if len(unused) == 1 else 'them'}, or omit {only}",
        )
