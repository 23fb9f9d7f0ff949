"""The options of `artesian forecast` that describe a private corpus."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from artesian.cli.options import Amount
from artesian.core.errors import UsageError

if TYPE_CHECKING:
    from artesian.forecasting.model.corpus import Corpus


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
        return {f"--{one.name.replace('_', '-')}": getattr(self, one.name) for one in fields(self)}

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
