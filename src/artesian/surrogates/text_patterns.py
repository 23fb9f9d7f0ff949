"""Learn the pattern of free text: character classes, lengths and templates instead of its words.

* A text of at least `minimum` people may be repeated, as often as in the source.
* A shape ('Aaaa 99') of at least `minimum` rows is a template; a word of as many people may be
  drawn in its position, the others are generated from random letters.
* Other texts come from a Markov chain over word *forms* (class and length, or a punctuation mark),
  cut to a length drawn from the source's. Common words fill forms by frequency, never in source
  order.

Texts in fewer rows leave no trace but in these frequencies.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.memory import require_memory
from artesian.core.validated import require
from artesian.surrogates.characters import alphabets, shapes

K = TypeVar("K", int, str)

_ROWS, _CHARACTERS = 20_000, 1_500_000
_WHOLES, _TEMPLATES, _VOCABULARY, _LENGTHS = 5_000, 400, 3_000, 500
_LONGEST = 200
_FORM = re.compile(r".\d{1,3}")
_BLOCK = 4096
"""Number of texts that are generated at once."""

_RUN = re.compile(r"9+|[Aac]+|[^9Aac]")

_Shaped = tuple[str, str, int]
"""A text, its shape, and the number of what it is counted as: its person, or the text itself."""


@dataclass(frozen=True, slots=True)
class Token:
    """A position in a text: a form, and the words that may fill it besides generated ones.

    Attributes:
        form: Class and length of a generated word ('a5', 'T3', '92'); '' for punctuation.
        vocabulary: Word -> weight.
        generated: Weight of a generated word.
    """

    form: str
    vocabulary: dict[str, int]
    generated: int

    def check_values(self) -> None:
        """Check that the form has a length."""
        require(not self.form or _FORM.fullmatch(self.form), f"there is no form {self.form[:9]!r}")


@dataclass(frozen=True, kw_only=True, eq=False)
class TextPattern:
    """The pattern of a column of free text; `TextGenerator` generates texts of it.

    Attributes:
        wholes: Texts that may be repeated, the most frequent first.
        tokens: All tokens; templates and chain refer to them by number.
        templates: (weight, tokens) of each template.
        starts, follows: The chain: weights of first tokens; token -> next token -> weight.
        chained: Weight of the chain relative to the templates.
        lengths: Length in characters -> weight, for the chain.
        finals: Last mark of punctuation ('' for none) -> weight, for the chain.
        letters: Class -> letter -> weight.
    """

    wholes: tuple[str, ...]
    tokens: tuple[Token, ...]
    templates: tuple[tuple[int, tuple[int, ...]], ...]
    starts: dict[int, int]
    follows: dict[int, dict[int, int]]
    chained: int
    lengths: dict[int, int]
    finals: dict[str, int]
    letters: dict[str, dict[str, int]]

    def check_values(self) -> None:
        """Check that tokens are there, and that texts are as long as memory can hold.

        Raises:
            DataError: they take more than the limit.
        """
        used = [
            *self.starts,
            *self.follows,
            *(to for after in self.follows.values() for to in after),
        ]
        used += [place for _, places in self.templates for place in places]
        require(all(0 <= token < len(self.tokens) for token in used), "there is no such token")
        longest = max(self.lengths, default=0)
        require_memory(_BLOCK * longest, f"a model of texts of {longest} characters")

    @classmethod
    def learn(
        cls,
        texts: pl.Series,
        *,
        minimum: int = MIN_COUNT,
        keep_repeats: bool = True,
        people: pl.Series | None = None,
    ) -> Self:
        """Learn from texts without missing values.

        Args:
            minimum: Minimum number of people behind a text or word that is kept; without `people`,
                of rows with a text, and of distinct texts with a word.
            people: The person of each text, of any type; a missing one is a person by itself.
        """
        table = pl.DataFrame({"text": texts, "person": texts if people is None else people})
        behind = pl.len() if people is None else pl.col("person").n_unique()
        often = table.group_by("text").agg(rows=pl.len(), behind=behind)
        often = often.filter(pl.col("behind") >= minimum)
        often = often.sort(["rows", "text"], descending=[True, False])
        wholes = often["text"].head(_WHOLES).to_list() if keep_repeats else []
        rest = table.filter(~table["text"].is_in(wholes)) if wholes else table
        sample = _sample(rest)
        values = sample["text"].to_list()
        form = shapes(sample["text"]).to_list()
        # A word that many texts of one person share is that person's.
        units = sample["person"].rank("dense").to_list()
        common = [s for s, n in Counter(form).most_common(_TEMPLATES) if n >= minimum and s]
        collected = _Tokens(minimum)
        shaped = list(zip(values, form, units, strict=True))
        templates = _templates(shaped, common, collected)
        common_shapes = set(common)
        others = [each for each in shaped if each[1] not in common_shapes]
        starts, follows = _chain(others, collected)
        lengths = Counter(len(v) for v, _, _ in others)
        return cls(
            wholes=tuple(wholes),
            tokens=tuple(collected.tokens),
            templates=templates,
            # Sorted throughout: draws must not depend on the order in a file.
            starts=_sorted(starts),
            follows={a: _sorted(b) for a, b in sorted(follows.items())},
            chained=len(others),
            lengths=_sorted(_thinned(lengths, _longest(values, minimum))),
            finals=_finals((v for v, _, _ in others), minimum),
            letters=alphabets(values[:5_000], minimum),
        )

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "wholes": self.wholes,
            "tokens": [[t.form, t.vocabulary, t.generated] for t in self.tokens],
            "templates": self.templates,
            "starts": list(self.starts.items()),
            "follows": [[a, list(b.items())] for a, b in self.follows.items()],
            "chained": self.chained,
            "lengths": list(self.lengths.items()),
            "finals": self.finals,
            "letters": self.letters,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            wholes=tuple(state["wholes"]),
            tokens=tuple(
                Token(form, _sorted(w), generated) for form, w, generated in state["tokens"]
            ),
            templates=tuple((weight, tuple(places)) for weight, places in state["templates"]),
            starts=dict(state["starts"]),
            follows={a: dict(b) for a, b in state["follows"]},
            chained=state["chained"],
            lengths=dict(state["lengths"]),
            finals=_sorted(state["finals"]),
            letters={name: _sorted(letters) for name, letters in state["letters"].items()},
        )


class _Tokens:
    """A list of tokens without duplicates."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self.tokens: list[Token] = []
        self._numbers: dict[tuple[str, tuple[tuple[str, int], ...], int], int] = {}

    def add(self, form: str, vocabulary: dict[str, int], generated: int) -> int:
        key = (form, tuple(sorted(vocabulary.items())), generated)
        if key not in self._numbers:
            self._numbers[key] = len(self.tokens)
            self.tokens.append(Token(form, _sorted(vocabulary), generated))
        return self._numbers[key]


def _sample(table: pl.DataFrame) -> pl.DataFrame:
    """Evenly spaced texts of the column, at most `_ROWS` and about `_CHARACTERS` characters."""
    if table.is_empty():
        return table
    mean = max(float(table["text"].str.len_chars().mean() or 0.0), 1.0)  # type: ignore[arg-type]
    rows = max(min(_ROWS, int(_CHARACTERS / mean)), 1)
    return table.gather_every(max(len(table) // rows, 1))


def form_of(shape: str) -> str:
    """The form of a run of letters or digits, from its shape: lower, Title, UPPER, Mixed.

    >>> form_of("Aaaa"), form_of("99"), form_of("AA")
    ('T4', '92', 'A2')
    """
    length = min(len(shape), _LONGEST)
    if "c" in shape:
        return f"c{length}"
    if shape[0] == "A" and length > 1 and set(shape[1:]) == {"a"}:
        return f"T{length}"
    return f"{shape[0]}{length}" if len(set(shape)) == 1 else f"M{length}"


def _templates(
    shaped: list[_Shaped], common: list[str], collected: _Tokens
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    groups: dict[str, list[tuple[str, int]]] = {shape: [] for shape in common}
    for value, shape, unit in shaped:
        if shape in groups:
            groups[shape].append((value, unit))
    out = []
    for shape, group in groups.items():
        places = []
        for run in _RUN.finditer(shape):
            if run[0][0] not in "9Aac":
                places.append(collected.add("", {run[0]: 1}, 0))
                continue
            row_counts = Counter(value[run.start() : run.end()] for value, _ in group)
            behind = Counter(w for w, _ in {(v[run.start() : run.end()], u) for v, u in group})
            kept = {w: n for w, n in row_counts.items() if behind[w] >= collected.minimum}
            places.append(collected.add(form_of(run[0]), kept, len(group) - sum(kept.values())))
        out.append((len(group), tuple(places)))
    return tuple(out)


def _chain(
    others: list[_Shaped], collected: _Tokens
) -> tuple[dict[int, int], dict[int, dict[int, int]]]:
    """First forms and transitions between forms, and the words that fill them."""
    behind: set[tuple[str, int]] = set()
    places: dict[str, Counter[str]] = defaultdict(Counter)
    begins: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for value, shape, unit in others:
        before = ""
        for run in _RUN.finditer(shape):
            word = value[run.start() : run.end()]
            is_word = run[0][0] in "9Aac"
            form = form_of(run[0]) if is_word else word
            behind.add((word, unit))
            if is_word:
                places[form][word] += 1
            if before:
                pairs[before, form] += 1
            else:
                begins[form] += 1
            before = form
    units = Counter(word for word, _ in behind)
    # Sorted, because the order of a set differs between processes.
    ranked = sorted(units.items(), key=lambda each: (-each[1], each[0]))[:_VOCABULARY]
    common = {w for w, n in ranked if n >= collected.minimum}
    number: dict[str, int] = {}
    for form in sorted(set(begins) | {form for pair in pairs for form in pair}):
        if form in places:
            kept = {w: n for w, n in places[form].items() if w in common}
            # A word longer than the longest form cannot fill it.
            kept = {w: n for w, n in kept.items() if len(w) == int(form[1:])}
            generated = sum(places[form].values()) - sum(kept.values())
            number[form] = collected.add(form, kept, generated)
        elif form in common:
            number[form] = collected.add("", {form: 1}, 0)
    follows: dict[int, dict[int, int]] = {}
    for (a, b), n in pairs.items():
        if a in number and b in number:
            follows.setdefault(number[a], {})[number[b]] = n
    return {number[f]: n for f, n in begins.items() if f in number}, follows


def _finals(values: Iterable[str], minimum: int) -> dict[str, int]:
    ends = Counter(v[-1] if v and not v[-1].isalnum() else "" for v in values)
    kept = {c: n for c, n in ends.items() if n >= minimum and c and not c.isspace()}
    return _sorted(kept | {"": sum(ends.values()) - sum(kept.values())})


def _sorted(weights: dict[K, int]) -> dict[K, int]:
    return dict(sorted(weights.items()))


def _longest(values: list[str], minimum: int) -> int:
    """The greatest length that at least `minimum` texts have.

    One page among words would be the length of one text, and most of the work of every sample.
    """
    return sorted(map(len, values))[-min(minimum, len(values)) :][0] if values else 0


def _thinned(lengths: Counter[int], longest: int) -> dict[int, int]:
    """At most `_LENGTHS` lengths up to `longest`: beyond that, evenly spaced quantiles."""
    ordered = sorted(min(size, longest) for size in lengths.elements())
    if len(set(ordered)) > _LENGTHS:
        picks = ((2 * i + 1) * len(ordered) // (2 * _LENGTHS) for i in range(_LENGTHS))
        ordered = [ordered[at] for at in picks]
    return dict(Counter(ordered))
