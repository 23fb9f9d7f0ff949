"""A small transformer, trained from scratch on its own text (Shumailov et al. 2024, section 4.3).

Words of a frequent vocabulary are tokens. The published protocol fine-tunes OPT-125m on wikitext2; this
one trains from scratch, so that it runs on a laptop, and shows the same order: replaced text loses rare
words first, and 10 % original text keeps most of them. The corpus is the first of the presidential
addresses to the Congress of the United States since 1945 (public domain), or a text file. Requires the
extra `deep`.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from artesian.collapse.labs.results import LabResult, Panel, curve_of
from artesian.collapse.labs.torch_threads import one_thread
from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.theory import Floats
from artesian.core.errors import DataError
from artesian.core.extras import require
from artesian.core.run import Run, Seed
from artesian.core.settings import at_least

CORPUS = "addresses.txt.gz"
TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[.,;:?!]")
RARE_COUNT = 20
"""Tokens with fewer occurrences in the training text are rare."""

CHANGED = 0.1
"""Relative change from generation 1 at which a measure counts as changed."""

HEADS, LAYERS = 4, 2
MIN_TOKENS = 5_000
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLab:
    """Settings.

    Attributes:
        corpus: Text file; empty for the corpus that the package ships.
        policies: Policies; 'replace', 'mix=...' or 'accumulate'.
        generations: Number of generations.
        replicates: Number of chains of each policy.
        vocabulary: Number of tokens.
        context: Tokens that a prediction sees.
        width: Dimensions of the model.
        steps: Training steps of each generation, of 32 sequences each.
        tokens: Maximum number of tokens of the training text.
        temperature: Sampling temperature.
    """

    corpus: str = ""
    policies: tuple[str, ...] = ("replace", "mix=10%", "accumulate")
    generations: int = 5
    replicates: int = 2
    vocabulary: int = 1500
    context: int = 32
    width: int = 64
    steps: int = 400
    tokens: int = 40_000
    temperature: float = 1.0

    def __post_init__(self) -> None:
        at_least(
            self,
            generations=1,
            replicates=2,
            vocabulary=50,
            context=4,
            width=8,
            steps=1,
            tokens=1000,
        )

    def run(self, run: Run) -> LabResult:
        """Train every policy, and measure perplexity on real holdout text."""
        require("torch", extra="deep", purpose="the experiment 'language'")
        tokens = _tokens(self.corpus, self.vocabulary)
        train, test = tokens[: len(tokens) * 4 // 5][: self.tokens], tokens[len(tokens) * 4 // 5 :]
        counts = np.bincount(train, minlength=self.vocabulary)
        rare = (counts < RARE_COUNT) & (counts > 0)
        policies = [parse_policy(text) for text in self.policies]
        with one_thread():
            kept = {
                p: np.stack(
                    [
                        self._chain(p, train, test, rare, run.seed.child("language", p.text, r))
                        for r in run.track(range(self.replicates), p.label)
                    ],
                    axis=-1,
                )
                for p in policies
            }
        at = list(range(1, self.generations + 1))
        titles = (
            ("Perplexity on real text", "perplexity", True, "Of holdout text of the corpus."),
            ("Perplexity of rare tokens", "perplexity", True,
             f"Of the holdout tokens with fewer than {RARE_COUNT} occurrences in the real training "
             "text: the tail."),
            ("Rare tokens alive", "proportion", False,
             "Rare tokens of the training text that the generated text contains."),
            ("Distinct-2", "distinct pairs per pair of tokens", False,
             "Looks healthy: a model that forgets rare words invents pairs of frequent ones."),
        )  # fmt: skip
        return LabResult(
            name="language",
            title="A small transformer trained on its own text",
            source="Shumailov et al. 2024; presidential addresses, public domain"
            if not self.corpus
            else "Shumailov et al. 2024",
            findings=(
                *(_finding(p, values, self.generations) for p, values in kept.items()),
                *(claim_finding(p, values) for p, values in list(kept.items())[:1]),
            ),
            panels=tuple(
                Panel(
                    title=title,
                    y=y,
                    log=log,
                    note=note,
                    curves=tuple(curve_of(p.label, at, values[k]) for p, values in kept.items()),
                )
                for k, (title, y, log, note) in enumerate(titles)
            ),
            settings=asdict(self),
        )

    def _chain(self, policy: Policy, real: Ints, test: Ints, rare: Any, seed: Seed) -> Floats:
        """(measures, generations) of one chain."""
        train, texts, kept = real, [real], []
        for g in range(self.generations):
            own = seed.child(g)
            model = _Transformer(self, own.child("parameters"))
            model.train(train, self.steps, own.child("training"))
            text = model.generate(len(real), real, self.temperature, own.child("sample"))
            loss = model.losses(test)
            targets = test[: len(loss) + 1][1:]
            kept.append(
                [
                    math.exp(loss.mean()),
                    math.exp(loss[rare[targets]].mean()) if rare[targets].any() else math.nan,
                    float(np.isin(np.flatnonzero(rare), text).mean()),
                    len(np.unique(text[:-1] * self.vocabulary + text[1:])) / (len(text) - 1),
                ]
            )
            texts.append(text)
            train = training_text(policy, texts, self.context, own.child("policy"))
        return np.array(kept).T


class _Transformer:
    """A decoder with learned positions, as nanoGPT's, without dropout."""

    def __init__(self, lab: LanguageLab, seed: Seed) -> None:
        import torch
        from torch import nn

        self.context, self.generator = lab.context, torch.Generator()
        width, vocabulary = lab.width, lab.vocabulary
        with torch.random.fork_rng(devices=[]):  # layers are initialised from the global generator
            torch.manual_seed(seed.integer() % 2**63)
            self.embed = nn.Embedding(vocabulary, width)
            self.place = nn.Embedding(lab.context, width)
            layer = nn.TransformerEncoderLayer(
                width, HEADS, 4 * width, dropout=0.0, batch_first=True, norm_first=True
            )
            self.body = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
            self.head = nn.Linear(width, vocabulary)
        self.mask = nn.Transformer.generate_square_subsequent_mask(lab.context)
        self.modules = (self.embed, self.place, self.body, self.head)

    def logits(self, tokens: Any) -> Any:
        """(batch, length, vocabulary) logits of the next tokens; tokens (batch, length)."""
        import torch

        length = tokens.shape[1]
        x = self.embed(tokens) + self.place(torch.arange(length))
        return self.head(self.body(x, mask=self.mask[:length, :length], is_causal=True))

    def train(self, text: Ints, steps: int, seed: Seed) -> None:
        """Minimise the cross-entropy of random windows by Adam, with a linear decay of the rate."""
        import torch
        from torch.nn.functional import cross_entropy

        rng, data = seed.rng(), torch.tensor(text)
        parameters = [p for module in self.modules for p in module.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=3e-3, weight_decay=0.01)
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = 3e-3 * (1 - step / steps)
            starts = rng.integers(len(text) - self.context, size=32)
            windows = torch.stack([data[s : s + self.context + 1] for s in starts])
            logits = self.logits(windows[:, :-1])
            loss: Any = cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    def losses(self, text: Ints) -> Floats:
        """Negative log-likelihood of each token after the first, in whole windows. (tokens,)"""
        import torch
        from torch.nn.functional import cross_entropy

        windows = (len(text) - 1) // self.context
        data = torch.tensor(text[: windows * self.context + 1])
        inputs: Any = data[:-1].view(windows, self.context)
        with torch.no_grad():
            logits = torch.cat([self.logits(part) for part in inputs.split(256)])
            losses = cross_entropy(logits.flatten(0, 1), data[1:], reduction="none")
        values: Floats = losses.double().numpy()
        return values

    def generate(self, tokens: int, real: Ints, temperature: float, seed: Seed) -> Ints:
        """Sample text in windows of two contexts, each after one real token."""
        import torch

        rng = seed.rng()
        self.generator.manual_seed(seed.integer() % 2**63)
        length = 2 * self.context
        windows = -(-tokens // length)
        text = torch.tensor(rng.choice(real, windows))[:, None]
        with torch.no_grad():
            while text.shape[1] < length:
                logits = self.logits(text[:, -self.context :])[:, -1] / temperature
                drawn = torch.multinomial(logits.softmax(dim=1), 1, generator=self.generator)
                text = torch.cat([text, drawn], dim=1)
        sampled: Ints = text.flatten()[:tokens].numpy()
        return sampled


def training_text(policy: Policy, texts: list[Ints], context: int, seed: Seed) -> Ints:
    """The text of the next generation: of 'mix', whole blocks of real text replace generated ones."""
    if policy.name == "accumulate":
        return np.concatenate(texts)
    if policy.name != "mix":
        return texts[-1]
    real, text, block = texts[0], texts[-1].copy(), 2 * context
    blocks = max(1, len(text) // block)
    for k in seed.rng().permutation(blocks)[: round(policy.real * blocks)]:
        text[k * block : (k + 1) * block] = real[k * block : (k + 1) * block]
    return text


def corpus_text(file: str) -> str:
    """The text of a file; '' for the corpus that the package ships.

    Raises:
        DataError: The file cannot be read as text.
    """
    try:
        if file:
            return Path(file).read_text(encoding="utf-8")
        shipped = resources.files("artesian.collapse.labs") / CORPUS
        return gzip.decompress(shipped.read_bytes()).decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(
            f"{file} cannot be read as text: {problem}", hint="give a text file in UTF-8"
        ) from problem


def _tokens(file: str, vocabulary: int) -> Ints:
    """The corpus as tokens; 0 is any word outside of the vocabulary."""
    pieces = TOKEN.findall(corpus_text(file).lower())
    if len(pieces) < MIN_TOKENS:
        raise DataError(
            f"the corpus has {len(pieces):,} words", hint=f"give one of {MIN_TOKENS:,} or more"
        )
    frequent = [word for word, _ in Counter(pieces).most_common(vocabulary - 1)]
    place = {word: k for k, word in enumerate(frequent, 1)}
    return np.array([place.get(word, 0) for word in pieces], np.int64)


def _finding(policy: Policy, values: Floats, generations: int) -> str:
    first, last = values[:, 0].mean(axis=-1), values[:, -1].mean(axis=-1)
    return (
        f"{policy.label}: perplexity {first[0]:.0f} to {last[0]:.0f} (x {last[0] / first[0]:.2f}), of "
        f"rare tokens x {last[1] / first[1]:.2f}, rare tokens alive {first[2]:.2f} to {last[2]:.2f}, "
        f"distinct-2 x {last[3] / first[3]:.2f} from generation 1 to {generations}."
    )


def claim_finding(policy: Policy, values: Floats) -> str:
    """Test whether diversity falls two generations before perplexity rises, as a public tool claims.

    Args:
        values: (measures, generations, replicates) of one policy.
    """
    means = values.mean(axis=-1)
    changes = np.abs(means / means[:, :1] - 1) >= CHANGED
    firsts = [int(row.argmax()) + 1 if row.any() else None for row in changes]
    perplexity, rare, _, distinct = firsts
    last = len(means[0]) + 1  # what did not change did so afterwards, at the earliest
    holds = distinct is not None and (perplexity or last) - distinct >= 2
    stated = ", ".join(
        f"{name} {'in no generation' if first is None else f'in generation {first}'}"
        for name, first in (
            ("perplexity", perplexity), ("perplexity of rare tokens", rare), ("distinct-2", distinct)
        )
    )  # fmt: skip
    return (
        f"The claim that diversity falls two generations before perplexity rises "
        f"{'holds' if holds else 'does not hold'} here ({policy.label}): a change of "
        f"{CHANGED:.0%} from generation 1 is reached by {stated}."
    )
