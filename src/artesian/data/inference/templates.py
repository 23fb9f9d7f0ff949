"""Infer the templates of texts with numbers and times inside, such as 128/80, <0.01 or 5 kg."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.formatting.templates import Part, Template
from artesian.data.inference.datetimes import parse_datetimes
from artesian.data.inference.mixed_dates import mixed_dates
from artesian.data.inference.number_formats import infer_number_format
from artesian.data.inference.tokens import (
    DATE,
    NUMBER,
    NUMBERS,
    TEXT,
    TIME,
    WORD,
    Token,
    Tokenizer,
)
from artesian.data.inference.units import is_prefix
from artesian.data.value_format import ValueFormat

SAMPLE = 800
COVERED = 0.975
"""Minimum fraction of rows that have one of the templates."""

QUANTITIES = 0.3
"""Minimum fraction of rows with a number or a time in a column of templates."""

MAX_TEMPLATES = 16
MAX_CATEGORIES = 60
"""Maximum number of distinct words in one place of a template."""

MIDNIGHT = Template((Part(text="24:00"),))
"""The end of a day, which says nothing about a person however rare it is."""

LONG_DIGITS = 6
"""Whole numbers that all have this many digits are codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of a column, the most frequent first.

    Attributes:
        counts: Number of rows of each.
    """

    templates: tuple[Template, ...]
    counts: tuple[int, ...]

    @property
    def covered(self) -> int:
        """Number of rows that have one of the templates."""
        return sum(self.counts)

    def fit(self, values: pl.Series) -> pl.Series:
        """Whether each text has one of the templates."""
        out = pl.repeat(False, len(values), eager=True)
        for template in self.templates:
            out = out | template.matches(values, template.split(values))
        return out

    @property
    def evidence(self) -> str:
        """The templates in words."""
        shown = [repr(template.shown) for template in self.templates[:3]]
        more = f" and {len(self.templates) - 3} more" if len(self.templates) > 3 else ""
        return f"texts of the form {', '.join(shown)}{more}"


def infer_templates(values: pl.Series, *, declared: bool = False) -> Templates | None:
    """The templates with numbers or times that nearly all texts have, else None.

    Args:
        declared: The schema says that there are templates, so the numbers are no codes.
    """
    present = values.drop_nulls()
    if len(present) < 2 * MIN_COUNT:
        return None
    some = present.gather_every(max(1, len(present) // SAMPLE))
    sample = some.to_list()
    dates = mixed_dates(sample, COVERED)
    if dates is not None:
        whole = _covering(dates, present)
        if whole is not None and len(whole.templates) > 1:
            return whole
    distinct = some.n_unique() == len(some)
    cut = {number: list(map(Tokenizer(number).tokens, sample)) for number in NUMBERS}
    for exact, number in product((False, True), NUMBERS):
        groups = _grouped(cut[number], exact)
        if groups is None:
            continue
        forms = [parts for group in groups if (parts := _parts(group, number)) is not None]
        named = _named(forms)
        if not declared and not any(map(_quantities, named)):
            continue
        kept = _covering(named, some)
        if kept is not None and (declared or _is_worthwhile(kept, distinct)):
            # Rare forms may be missing from a sample, so all that it shows are tried on all rows.
            whole = kept if len(some) == len(present) else _covering(named, present)
            if whole is not None:
                return whole
    return None


def has_digits(values: pl.Series) -> bool:
    """Whether some text of a sample has a digit."""
    some = values.drop_nulls()
    return bool(some.gather_every(max(1, len(some) // SAMPLE)).str.contains(r"\d").any())


def _grouped(cut: Sequence[tuple[Token, ...]], exact: bool) -> list[list[tuple[Token, ...]]] | None:
    """Texts by their form, the most frequent first; None if there are too many forms.

    Args:
        exact: Numbers with different numbers of decimals have different forms.
    """
    groups: dict[tuple[str, ...], list[tuple[Token, ...]]] = defaultdict(list)
    for tokens in cut:
        groups[_form(tokens, exact)].append(tokens)
    ordered = sorted(groups.values(), key=len, reverse=True)[:MAX_TEMPLATES]
    return ordered if sum(map(len, ordered)) >= COVERED * len(cut) else None


def _form(tokens: tuple[Token, ...], exact: bool) -> tuple[str, ...]:
    """The constants and kinds of the tokens; the unit of a number is a constant."""
    out = [token.form(decimals=exact) for token in tokens]
    for place, token in enumerate(tokens):
        near = [t for t in tokens[max(place - 2, 0) : place + 3] if t is not token]
        close = [t for t in near if t.kind == NUMBER]
        if token.kind == WORD and close and all(t.kind == NUMBER or t.text == " " for t in near):
            out[place] = token.text
    return tuple(out)


def _parts(group: list[tuple[Token, ...]], number: str) -> list[Part] | None:
    """The constants and fields of texts that have one form; None if some field is a code."""
    parts: list[Part] = []
    for place in zip(*group, strict=True):
        texts = [token.text for token in place]
        if place[0].kind == TEXT or len(set(texts)) == 1:
            if parts and not parts[-1].slot:
                parts[-1] = Part(text=parts[-1].text + texts[0])
            else:
                parts.append(Part(text=texts[0]))
            continue
        part = _field(place[0].kind, texts, number)
        if part is None:
            return None
        parts.append(part)
    return parts


def _field(kind: str, texts: list[str], number: str) -> Part | None:
    """A field with such texts; None if they are codes or have too many values."""
    distinct = list(dict.fromkeys(texts))
    if kind == WORD:
        return _word_field(distinct) if len(distinct) <= MAX_CATEGORIES else None
    if kind == NUMBER:
        return _number_field(distinct, number)
    read = parse_datetimes(pl.Series(texts), distinct, "date")
    if read is None or read.series.count() < COVERED * len(texts):
        return None
    expression = re.sub("[A-Za-z]+", "[A-Za-z]+", re.escape(texts[0]))
    expression = re.sub(r"\d{3,}|\d+", lambda m: r"\d{4}" if len(m[0]) == 4 else r"\d+", expression)
    return Part(
        slot=kind, kind=kind, expression=expression, value_format=ValueFormat(pattern=read.pattern)
    )


def _word_field(distinct: list[str]) -> Part:
    options = sorted(distinct, key=lambda word: (-len(word), word))
    return Part(slot=WORD, kind=WORD, expression="|".join(map(re.escape, options)))


def _number_field(distinct: list[str], number: str) -> Part | None:
    widths = {len(text) for text in distinct}
    whole = all(text.isdigit() for text in distinct)
    if whole and len(widths) == 1 and min(widths) >= LONG_DIGITS:
        return None
    signed = any(text[0] in "+-" for text in distinct)
    if whole and len(widths) == 1 and min(widths) > 1:
        value_format: ValueFormat | None = ValueFormat(decimals=0, width=min(widths))
    else:
        value_format = infer_number_format(distinct)
    if value_format is None:
        return None
    expression = ("[+-]?" if signed else "") + number
    return Part(slot=NUMBER, kind=NUMBER, expression=expression, value_format=value_format)


def _named(forms: list[list[Part]]) -> list[Template]:
    """Templates whose fields have names.

    Dates and times in the same place are one variable whatever their pattern; numbers and words only
    between the same constants.
    """
    names: dict[tuple[object, ...], str] = {}
    counts: Counter[str] = Counter()
    templates = []
    for parts in forms:
        seen: Counter[str] = Counter()
        constants = tuple(part.text for part in parts)
        named = []
        for part in parts:
            if part.slot:
                seen[part.kind] += 1
                shared = part.kind in (DATE, TIME)
                key = (part.kind, seen[part.kind], () if shared else constants)
                if key not in names:
                    counts[part.kind] += 1
                    names[key] = f"{part.kind} {counts[part.kind]}"
                part = replace(part, slot=names[key])
            named.append(part)
        templates.append(Template(tuple(named)))
    return templates


def _covering(templates: list[Template], present: pl.Series) -> Templates | None:
    """Those of the templates that at least `MIN_COUNT` rows have, if together nearly all rows do."""
    kept: list[Template] = []
    counts: list[int] = []
    open_rows = present
    for template in templates:
        fields = template.split(open_rows)
        frequent = _with_frequent_categories(template, fields)
        if frequent != template:
            fields = frequent.split(open_rows)
        same = frequent.matches(open_rows, fields)
        if same.sum() >= (1 if template == MIDNIGHT else MIN_COUNT):
            kept.append(frequent)
            counts.append(int(same.sum()))
            open_rows = open_rows.filter(~same)
    if sum(counts) < COVERED * len(present):
        return None
    return Templates(templates=tuple(kept), counts=tuple(counts))


def _with_frequent_categories(template: Template, fields: pl.DataFrame) -> Template:
    """The template with the words that at least `MIN_COUNT` rows have."""
    categories = [part for part in template.fields if part.kind == WORD]
    if not categories:
        return template
    frequent = {}
    for part in categories:
        counts = fields[part.slot].drop_nulls().alias("word").value_counts()
        common = counts.filter(pl.col("count") >= MIN_COUNT)["word"].to_list()
        frequent[part.slot] = replace(_word_field(common), slot=part.slot)
    return Template(tuple(frequent.get(part.slot, part) for part in template.parts))


def _is_worthwhile(kept: Templates, distinct: bool) -> bool:
    """Whether the fields are quantities, rather than the digits of codes and labels."""
    if any(_is_code(template) for template in kept.templates):
        return False
    by_template = [_quantities(template) for template in kept.templates]
    rows = sum(count for parts, count in zip(by_template, kept.counts, strict=True) if parts)
    if rows < QUANTITIES * kept.covered:
        return False
    quantities = [part for parts in by_template for part in parts]
    measured = any(p.kind != NUMBER or p.value_format.decimals != 0 for p in quantities)
    if distinct:
        # Codes that identify rows have digits too.
        free = all(not part.value_format.width for part in quantities) and len(quantities) > 1
        objects = all(t.shown[0] in "{[" and '"' in t.shown for t in kept.templates)
        return measured or free or objects
    fields = sum(len(template.fields) for template in kept.templates)
    return len(kept.templates) > 1 or fields > 1 or measured


def _quantities(template: Template) -> list[Part]:
    """Times and numbers, but no whole number that follows a word, as in 'Room 12'."""
    out, before = [], ""
    for part in template.parts:
        plain = part.kind == NUMBER and part.value_format.decimals == 0
        label = plain and before[-1:].isalpha() and not is_prefix(before)
        if part.slot and part.kind != WORD and not label:
            out.append(part)
        before = (part.text or ("a" if part.kind == WORD else "0")).rstrip()
    return out


def _is_code(template: Template) -> bool:
    """Whether all of a template is a word with digits, or digits of constant width."""
    fields = template.fields
    if len(template.parts) == 1 and fields and fields[0].kind == WORD:
        return any(c.isdigit() for c in fields[0].expression)
    widths = [part.value_format.width if part.kind == NUMBER else 0 for part in fields]
    return bool(widths) and all(widths) and sum(widths) > LONG_DIGITS
