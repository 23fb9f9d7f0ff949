"""Rare categories generalised: made-up ones of the same form, in classes with one beginning.

Where suppression would leave more than `MAX_SUPPRESSED` of a column without its value, each rare
category is assigned to a class of at least `MIN_COUNT` rows. The classes of codes ('P3', '902') are
prefixes; those of other texts are the upper levels of a hierarchy ('Food > Bread') or a frequent
category that begins them. The class is what is modelled. As many codes or words as its rows had are
made up for it, from the form of the rest alone: whether one of them equals a rare category is chance.

Codes that were counted up are an exception: what the count of the released ones leaves out are the
rare ones, so that a made-up code among them would nearly always be a real one, with the wrong
properties. The made-up ones continue the count, some way after the last released one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.schema import Column, Kind
from artesian.encoding.substitutes import substitute_codes, substitute_texts
from artesian.surrogates.characters import shapes
from artesian.surrogates.columns import Surrogate

MAX_SUPPRESSED = 0.1
"""Maximum proportion of a column's rows whose category is suppressed rather than generalised."""

MAX_SUPPRESSED_CODES = 0.02
"""The same for codes, which another code of the form represents better than a mark."""

MIN_RELEASED, MIN_DENSITY = 20, 0.5
"""Minimum number of released codes of a count, and minimum proportion of its numbers that occur."""

MIN_COUNTED = 0.95
"""Minimum proportion of codes that are a number after the prefix of their class."""

MAX_DIGITS = 15
"""Maximum number of digits of a count."""

MAX_MET = 0.001
"""Maximum probability that a rare code lies as far after the last released one as made-up ones."""

MAX_SURPLUS = 0.2
"""Maximum number of codes that are made up in addition, relative to that of the rare ones; a few
more of few."""

ROOM = 2
"""Minimum number of free codes of a class for each of its rare categories."""

FORMED = ("", "postcode")
"""Roles of texts that are represented by their form."""

FORMS = 4
"""Maximum number of forms of codes of several words."""

SIZES = {"9": 10, "A": 26, "a": 26, "c": 1000}
"""Number of characters of each class of `shapes`, roughly."""

LEVEL = re.compile(r"\s*[>/|:;,(]\s*|\s+[-\u2013]\s+")
"""What separates the levels of a hierarchy in a text."""

SEED = Seed(0).child("generalise")
"""Made-up categories depend on the form alone, so that two columns of one vocabulary agree."""


@dataclass(frozen=True, slots=True)
class RareClass:
    """A class of rare categories.

    Attributes:
        prefix: What they begin with.
        rows: Number of their rows.
        values: What is released in their place.
    """

    prefix: str
    rows: float
    values: tuple[str, ...]


def wanted(rare: Mapping[str, int], frequent: Mapping[str, int], role: str = "") -> bool:
    """Whether so many rows have a rare category that these are to be generalised.

    Codes that were counted up are whenever their rows suffice for a class: another number represents
    a rare one better than a mark.

    Args:
        rare, frequent: Number of rows of each rare category, and of the others.
        role: Semantic type of the texts, such as 'city'.
    """
    rows = sum(rare.values())
    proportion = rows / max(rows + sum(frequent.values()), 1)
    if proportion > MAX_SUPPRESSED:
        return True
    forms = _rows_by_form(rare)
    if role not in FORMED or not (_single_codes(forms) or _spaced_codes(forms)):
        return False
    if proportion > MAX_SUPPRESSED_CODES:
        return True
    return rows >= MIN_COUNT and _counted_up(rare, sorted(frequent))


def _counted_up(rare: Mapping[str, int], released: list[str]) -> bool:
    """Whether all codes are numbers of one count after the same beginning."""
    prefix = re.split("[0-9]", next(iter(rare)))[0]
    if not all(code.startswith(prefix) for code in (*rare, *released)):
        return False
    return bool(_following(prefix, rare, released, set(released), len(rare)))


def generalise(
    rare: Mapping[str, int],
    frequent: Mapping[str, int],
    *,
    role: str = "",
    max_classes: int = 60,
    names: Sequence[str] = (),
) -> tuple[RareClass, ...]:
    """Classes for rare categories; empty if nothing can be learned from their rows.

    Args:
        rare: Number of rows of each rare category.
        frequent: Number of rows of the other categories, which no made-up one equals.
        role: Semantic type of the texts, such as 'city'.
        names: Public names of which some are taken in place of texts.
    """
    rows = sum(rare.values())
    if rows < MIN_COUNT:  # too few for a class: they join the largest frequent category of several
        if len(frequent) < 2:
            return ()
        largest = max(sorted(frequent), key=lambda name: frequent[name])
        return (RareClass("", float(rows), (largest,)),)
    taken = sorted(frequent)
    minimum = max(MIN_COUNT, -(-rows // max_classes))
    total = _number(list(rare.values()), list(frequent.values()))
    used = set(taken)
    classes: list[RareClass] = []
    if role in FORMED and _are_codes(rare):
        given = planned = 0
        for prefix, texts in _prefixes(rare, taken, minimum):
            rng = SEED.child("codes", prefix).rng()
            occupied = _with_prefix(taken, prefix)
            given += len(texts)
            number = round(total * given / len(rare)) - planned
            planned += number
            values = _continued(prefix, texts, taken, used, number)
            if not values:
                values = substitute_codes(
                    texts, used, rng, prefix=prefix, occupied=occupied, number=number
                )
            used |= set(values)
            classes.append(RareClass(prefix, float(sum(texts.values())), values))
    else:
        upper, rest = _levels(rare, used, minimum)
        classes += [RareClass(name, float(n), (name,)) for name, n in upper.items()]
        if rest:
            used |= set(upper)
            number = round(total * len(rest) / len(rare))
            if names:
                order = SEED.child("names").rng().permutation(len(names))
                drawn = (names[at] for at in order.tolist())
                values = tuple(name for name in drawn if name not in used)[:number]
            elif role:
                values = _role_texts(rest, used, role, number)
            else:
                rng = SEED.child("texts").rng()
                values = substitute_texts(rest, frequent, used, rng, number)
            classes.append(RareClass("", float(sum(rest.values())), values))
    return tuple(one for one in classes if one.values)


def class_of(text: str, prefixes: Mapping[str, int], lengths: Iterable[int]) -> int | None:
    """The class with the longest prefix of `text`; None if there is none.

    Args:
        prefixes: Prefix -> class.
        lengths: Lengths of the prefixes, descending.
    """
    for length in lengths:
        code = prefixes.get(text[:length])
        if code is not None and len(text) >= length:
            return code
    return None


def _are_codes(rare: Mapping[str, int]) -> bool:
    """Whether nearly all rows have a code of one word, or digits in one of few forms ('78.6 kg')."""
    rows = _rows_by_form(rare)
    if _single_codes(rows):
        return True
    levels = sum(n for text, n in rare.items() if LEVEL.search(text))
    if levels > rows.total() / 2:
        return False
    digits = Counter({form: n for form, n in rows.items() if "9" in form})
    return sum(n for _, n in digits.most_common(FORMS)) >= (1 - MAX_SUPPRESSED) * rows.total()


def _single_codes(rows: Counter[str]) -> bool:
    """Whether nearly all rows have one word of digits, capitals or letters without case ('P317',
    'LAX', '北京')."""
    codes = (
        n
        for form, n in rows.items()
        if not re.search(r"\s", form) and ("9" in form or "a" not in form)
    )
    return sum(codes) >= (1 - MAX_SUPPRESSED) * rows.total()


def _spaced_codes(rows: Counter[str]) -> bool:
    """Whether nearly all rows have digits and capitals of a few forms, with spaces ('1012 AB')."""
    codes = Counter({form: n for form, n in rows.items() if "9" in form and "a" not in form})
    return sum(n for _, n in codes.most_common(FORMS)) >= (1 - MAX_SUPPRESSED) * rows.total()


def _rows_by_form(rare: Mapping[str, int]) -> Counter[str]:
    rows: Counter[str] = Counter()
    forms = shapes(pl.Series(list(rare), dtype=pl.String)).to_list()
    for form, n in zip(forms, rare.values(), strict=True):
        rows[form] += n
    return rows


def _prefixes(
    rare: Mapping[str, int], taken: list[str], minimum: int
) -> Iterator[tuple[str, dict[str, int]]]:
    """Prefixes with at least `minimum` rows, and the rare codes of each: the longest of theirs."""
    forms = dict(zip(rare, shapes(pl.Series(list(rare), dtype=pl.String)).to_list(), strict=True))

    def split(prefix: str, texts: dict[str, int]) -> Iterator[tuple[str, dict[str, int]]]:
        at = len(prefix)
        children: dict[str, dict[str, int]] = {}
        for text, n in texts.items():
            children.setdefault(text[: at + 1], {})[text] = n
        size = {name: sum(child.values()) for name, child in children.items()}
        own = [
            name
            for name, child in children.items()
            if len(name) > at and size[name] >= minimum and roomy(name, child)
        ]
        own.sort(key=lambda name: (-size[name], name))
        rest = sum(size.values()) - sum(size[name] for name in own)
        while own and 0 < rest < MIN_COUNT:  # too few rows for a class: joined by the smallest one
            rest += size[own.pop()]
        if rest:
            yield prefix, {t: n for t, n in texts.items() if t[: at + 1] not in own}
        for name in sorted(own):
            yield from split(name, children[name])

    def roomy(prefix: str, texts: dict[str, int]) -> bool:
        rests = Counter(forms[text][len(prefix) :] for text in texts)
        free = sum(
            float(np.prod([SIZES.get(c, 1) for c in rest])) for rest, _ in rests.most_common(3)
        )
        return free - _with_prefix(taken, prefix) >= ROOM * len(texts)

    yield from split("", dict(rare))


def _continued(
    prefix: str, rare: Mapping[str, int], taken: list[str], used: Set[str], number: int
) -> tuple[str, ...]:
    """Codes that continue the count of the released ones; empty if these are no count.

    They begin with the prefix, or with what precedes its digits where all of its numbers are taken.

    Args:
        rare: Number of rows of each rare code of the class.
        taken: All released codes, in order.
        used: These, and the codes made up so far.
        number: Number of codes.
    """
    for start in dict.fromkeys((prefix, prefix.rstrip("0123456789"))):
        released = taken[bisect_left(taken, start) :][: _with_prefix(taken, start)]
        codes = _following(start, rare, released, used, number)
        if codes:
            return codes
    return ()


def _following(
    prefix: str, rare: Mapping[str, int], released: list[str], used: Set[str], number: int
) -> tuple[str, ...]:
    """`number` numbers after the last released one with this prefix; empty if these are no count."""
    whole = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
    rests = [code[len(prefix) :] for code in (*released, *rare)]
    digits = [rest for rest in rests if whole.fullmatch(rest)]
    numbers = sorted(int(rest) for rest in rests[: len(released)] if whole.fullmatch(rest))
    if len(digits) < MIN_COUNTED * len(rests) or len(numbers) < MIN_RELEASED:
        return ()
    every = [int(rest) for rest in digits]
    step = max(int(np.gcd.reduce(np.subtract(every, every[0]))), 1)
    length = (numbers[-1] - numbers[0]) // step + 1
    inside = sum(numbers[0] <= each <= numbers[-1] for each in every)
    if inside < MIN_DENSITY * length:
        return ()
    density = len(numbers) / length
    widths = {len(rest) for rest in digits}
    width = widths.pop() if len(widths) == 1 else 0
    margin = 1 if density == 1 else int(np.ceil(np.log(MAX_MET) / np.log(1 - density)))
    out: list[str] = []
    following = numbers[-1] + margin * step
    for _ in range(number):
        while (code := f"{prefix}{following:0{width}d}") in used:
            following += step
        out.append(code)
        following += step
    fits = not width or len(out[-1]) == len(prefix) + width
    return tuple(out) if fits else ()


def _number(rare: Sequence[int], released: Sequence[int]) -> int:
    """Number of codes to make up, so that a sample shows as many distinct codes as the source.

    A sample misses a code of n rows with a probability of exp(-n), also a released one. The
    expectation, less two standard deviations, reaches the source, except where `MAX_SURPLUS` more do
    not suffice, because most codes have one row: half of that surplus is made up then.

    Args:
        rare: Numbers of rows of the codes that are made up anew.
        released: Those of the others.
    """
    distinct, rows = len(rare), sum(rare)
    missed = np.exp(-np.array(released, float))
    for number in range(distinct, int((1 + MAX_SURPLUS) * distinct) + MIN_COUNT + 1):
        miss = np.exp(-rows / number)
        spread = np.sqrt(number * miss * (1 - miss) + float((missed * (1 - missed)).sum()))
        if number * (1 - miss) - float(missed.sum()) - 2 * spread >= distinct:
            return number
    return int((1 + MAX_SURPLUS / 2) * distinct)


def _with_prefix(ordered: list[str], prefix: str) -> int:
    return bisect_left(ordered, prefix + "\U0010ffff") - bisect_left(ordered, prefix)


def _levels(
    rare: Mapping[str, int], frequent: Set[str], minimum: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of each upper level with enough of them, and the rare texts below none.

    An upper level ends before a separator; a frequent category is one for the texts it begins.
    """
    below: Counter[str] = Counter()
    ends: dict[str, list[str]] = {}
    for text, n in rare.items():
        upper = [text[: level.start()] for level in LEVEL.finditer(text)]
        spaces = [text[: space.start()] for space in re.finditer(r"\s+", text)]
        ends[text] = [*upper, *(start for start in spaces if start in frequent)]
        below.update(dict.fromkeys(filter(None, ends[text]), n))
    kept: Counter[str] = Counter()
    rest: dict[str, int] = {}
    for text, n in rare.items():
        able = [start for start in ends[text] if below[start] >= minimum]
        if able:
            kept[max(able, key=len)] += n
        else:
            rest[text] = n
    small = {name for name, n in kept.items() if n < MIN_COUNT}
    if small or 0 < sum(rest.values()) < MIN_COUNT:
        rest = {}
        kept, smaller = Counter(), sorted(small, key=len)
        for text, n in rare.items():
            able = [s for s in ends[text] if below[s] >= minimum and s not in smaller]
            if able:
                kept[max(able, key=len)] += n
            else:
                rest[text] = n
    return dict(kept), rest


def _role_texts(
    texts: Mapping[str, int], used: Set[str], role: str, number: int
) -> tuple[str, ...]:
    """At most `number` made-up texts of a role."""
    rows = pl.Series("text", list(texts), dtype=pl.String)
    rows = rows.gather(np.repeat(np.arange(len(rows)), list(texts.values())))
    column = Column(name="text", kind=Kind.TEXT, role=role)
    surrogate = Surrogate.learn(rows, column, keep_repeats=False)
    drawn = surrogate.make(0, 4 * number, SEED.child("texts")).to_list()
    return tuple(dict.fromkeys(text for text in drawn if text and text not in used))[:number]
