"""Whether a relation that was listed by hand is among those that were found, or follows from them.

A found relation is known by its text and its columns (target first). The rules:

equal, arithmetic, date, bins   a found formula over the same set of columns, solved for any of them;
                                columns with one value add nothing and may be left out
order                           a found order or a chain of them; or a found sum whose other terms
                                are nowhere negative in the table (b = a + c, c >= 0); or equality
dependency                      the target is in the closure of the sources under found dependencies
                                and formulas (each formula in the direction in which it computes,
                                equality and linear formulas in both); or one column determines the
                                target and all sources: then they occur together as in real rows
missing                         the same statement, or one that follows from found equalities of
                                missing values, found exact conditions and found implications
implied values                  the same statement; a found dependency for the cause's value alone; or
                                a dependency (as above) of the target on the cause; for an exact one
                                also of the cause on the target
one of                          the same set of columns, as a set or as a sum; sets of two also by
                                equality, dependency or formula
text                            a template of the same column that uses the same other columns
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from relation_forms import Form, parse

Rule = tuple[set[str], str, str]
"""The columns needed, the column they give, the text of the found relation."""

CONDITIONAL = re.compile(r" in \((.*)\) -> ")
"""A found dependency that holds for some values only: `payment in ('cash') -> tip`."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A found relation: its family, as in `Form.kind`, and its columns, the target first."""

    kind: str
    columns: tuple[str, ...]
    text: str


def fact(text: str, columns: Sequence[str]) -> Fact:
    """What is known of a found relation; `columns` names the target first (or last, before `->`)."""
    if " = bin(" in text:
        kind = "formula"
    elif CONDITIONAL.search(text):
        kind = "implied"
    elif "->" in text:
        kind = "dependency"
    elif text.startswith("missing("):
        kind = "missing"
    elif " one of " in text:
        kind = "one of"
    elif "text(" in text:
        kind = "text"
    elif " if " in text or " unless " in text:
        kind = "implied"
    elif re.search(r"[<>]", re.sub(r'"[^"]*"', "", text)):
        kind = "order"
    else:
        kind = (
            "equal" if len(columns) == 2 and not re.search(r"\d|\(| [-+*/] ", text) else "formula"
        )
    return Fact(kind=kind, columns=tuple(columns), text=text)


def matched(listed: Form, found: Iterable[Fact], frame: pl.DataFrame) -> str | None:
    """The found relation or relations that state `listed`; None if it was missed."""
    facts = list(found)
    for one in facts:
        if _same_text(one.text, listed.text):
            return one.text
    rules = {
        "order": _order,
        "dependency": _dependency,
        "missing": _missing,
        "implied": _implied,
        "one of": _one_of,
        "text": _text,
    }
    return rules.get(listed.kind, _formula)(listed, facts, frame)


def _same_text(one: str, other: str) -> bool:
    plain = [re.sub(r"[\s\"]| within .*", "", text) for text in (one, other)]
    return plain[0] == plain[1]


def _formula(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    columns = set(listed.columns)
    varying = {name for name in columns if frame[name].drop_nulls().n_unique() > 1}
    for one in facts:
        if one.kind in ("equal", "formula") and varying <= set(one.columns) <= columns:
            return one.text
    return None


def _order(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    if len(listed.columns) != 2:
        return _formula(listed, facts, frame) or _same_columns(listed, facts, "order")
    low, high = listed.columns
    steps: dict[str, list[tuple[str, str]]] = {}
    for one in facts:
        for smaller, larger in _ordered(one, frame):
            steps.setdefault(smaller, []).append((larger, one.text))
    path: dict[str, list[str]] = {low: []}
    todo = [low]
    while todo:
        at = todo.pop(0)
        for larger, text in steps.get(at, []):
            if larger not in path:
                path[larger] = [*path[at], text]
                todo.append(larger)
    return "; ".join(path[high]) if high in path else None


def _ordered(one: Fact, frame: pl.DataFrame) -> list[tuple[str, str]]:
    """Pairs (smaller, larger) that a found relation orders."""
    if one.kind == "order" and len(one.columns) == 2:
        return [_low_high(one)]
    if one.kind == "equal":
        return [one.columns[:2], one.columns[1::-1]]  # type: ignore[list-item]
    terms = _plain_sum(one)
    if terms is None:
        return []
    target, added = one.columns[0], terms
    never_negative = {name for name in (target, *added) if _least(frame[name]) >= 0}
    pairs = []
    for name, sign in added.items():
        others = {n: s for n, s in added.items() if n != name}
        if sign > 0 and all(s > 0 and n in never_negative for n, s in others.items()):
            pairs.append((name, target))  # target = name + others
        if sign > 0 and all(s < 0 and n in never_negative for n, s in others.items()):
            pairs.append((target, name))  # target = name - others
        if sign < 0 and target in never_negative:
            first = [n for n, s in others.items() if s > 0]
            if len(first) == 1 and set(others) - {first[0]} <= never_negative:
                pairs.append((name, first[0]))  # target = first - name - others
    return pairs


def _low_high(one: Fact) -> tuple[str, str]:
    form = parse(one.text)
    return form.columns[0], form.columns[1]


def _plain_sum(one: Fact) -> dict[str, float] | None:
    """Column to sign of the terms of `target = a + b - c`; None for any other formula."""
    if one.kind != "formula":
        return None
    name = r'(?:"[^"]+"|[^\W\d]\w*)'
    body = re.sub(r" within .*", "", one.text).partition(" = ")[2]
    if re.fullmatch(rf"{name}(?: [-+] {name})+", body) is None:
        return None
    signed = re.findall(rf"(^|[-+] )({name})", body)
    return {what.strip('"'): -1.0 if how.startswith("-") else 1.0 for how, what in signed}


def _least(series: pl.Series) -> float:
    least = series.min() if series.dtype.is_numeric() else None
    return float(least) if isinstance(least, int | float) else float("-inf")


def _dependency(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    *sources, _ = listed.columns
    rules = [rule for one in facts for rule in _computes(one)]
    starts = [set(sources), *({name} for name in frame.columns)]
    for start in starts:
        known, used = _closure(start, rules)
        if set(listed.columns) <= known:
            return "; ".join(used)
    return None


def _closure(start: set[str], rules: list[Rule]) -> tuple[set[str], list[str]]:
    """The columns that `start` determines, and the found relations by which it does."""
    known, used = set(start), []
    grown = True
    while grown:
        grown = False
        for needs, gives, text in rules:
            if gives not in known and needs <= known:
                known.add(gives)
                used.append(text)
                grown = True
    return known, used


def _computes(one: Fact) -> list[Rule]:
    if one.kind == "dependency":
        return [(set(one.columns[:-1]), one.columns[-1], one.text)]
    if one.kind not in ("equal", "formula"):
        return []
    target, *sources = one.columns
    rules = [(set(sources), target, one.text)]
    called = re.search(r"\w\(", one.text)
    if len(sources) == 1 and not called:
        rules.append(({target}, sources[0], one.text))
    elif _plain_sum(one) is not None:
        rules += [({*one.columns} - {name}, name, one.text) for name in sources]
    return rules


def _missing(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    """Whether each half of the statement follows from what is missing with what.

    Events are `missing(a)` and `a = v`; edges lead from an event to one that it implies.
    """
    implies: dict[str, list[tuple[str, str]]] = {}

    def link(cause: str, effect: str, text: str) -> None:
        implies.setdefault(cause, []).append((effect, text))

    for one in facts:
        plain = one.text.replace('"', "")
        together = re.fullmatch(r"missing\((.+?)\) = missing\((.+?)\)", plain)
        when = re.fullmatch(r"missing\((.+?)\) = (.+?) in \((.*)\)", plain)
        given = re.fullmatch(r"(.+?) (if|exactly if) (.+)", plain)
        if together:
            link(f"missing {together[1]}", f"missing {together[2]}", one.text)
            link(f"missing {together[2]}", f"missing {together[1]}", one.text)
        elif when:
            values = re.findall(r"'((?:[^']|'')*)'", when[3])
            for value in values:
                link(f"{when[2]} = {value}", f"missing {when[1]}", one.text)
            if len(values) == 1:
                link(f"missing {when[1]}", f"{when[2]} = {values[0]}", one.text)
            link(f"missing {when[1]}", f"{when[2]} in", one.text)
        elif given and one.kind in ("missing", "implied"):
            link(_event(given[3]), _event(given[1]), one.text)
            if given[2] == "exactly if":
                link(_event(given[1]), _event(given[3]), one.text)
    plain = listed.text.replace('"', "")
    events = [_event(part) for part in re.split(r" = (?=missing)| exactly if | if ", plain)]
    if len(events) != 2 or "unless" in plain:
        # `exactly unless v`: all other values are listed in the found relation.
        return _same_columns(listed, [f for f in facts if " in (" in f.text], "missing")
    effect, cause = events
    there = _reach(implies, cause, effect)
    if there is None or ("exactly" not in plain and " = missing" not in plain):
        return there
    back = _reach(implies, effect, cause)
    return None if back is None else "; ".join(dict.fromkeys([there, back]))


def _event(text: str) -> str:
    return re.sub(r"missing\((.*)\)", r"missing \1", text.strip()).replace("'", "")


def _reach(implies: dict[str, list[tuple[str, str]]], start: str, end: str) -> str | None:
    path: dict[str, list[str]] = {start: []}
    todo = [start]
    while todo:
        at = todo.pop(0)
        for effect, text in implies.get(at, []):
            if effect not in path:
                path[effect] = [*path[at], text]
                todo.append(effect)
    return "; ".join(dict.fromkeys(path[end])) if end in path else None


def _implied(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    target, cause = listed.columns
    value = listed.text.rpartition(" = ")[2].strip("'")
    for one in facts:
        given = CONDITIONAL.search(one.text)
        if given and one.columns == (cause, target) and f"'{value}'" in given[1]:
            return one.text
    if "missing(" not in listed.text:
        forward = _dependency(_form(cause, target), facts, frame)
        if forward is not None:
            return forward
        if "exactly" in listed.text:
            return _dependency(_form(target, cause), facts, frame)
    return _same_columns(listed, [one for one in facts if " in (" not in one.text], "implied")


def _form(source: str, target: str) -> Form:
    return parse(f'"{source}" -> "{target}"')


def _one_of(listed: Form, facts: list[Fact], frame: pl.DataFrame) -> str | None:
    same = _same_columns(listed, facts, "one of")
    if same is None and listed.text.startswith("exactly"):
        same = _formula(listed, facts, frame)
        if same is None and len(listed.columns) == 2:
            return _dependency(_form(*listed.columns), facts, frame)
    return same


def _text(listed: Form, facts: list[Fact], _: pl.DataFrame) -> str | None:
    return _same_columns(listed, facts, "text")


def _same_columns(listed: Form, facts: list[Fact], kind: str) -> str | None:
    for one in facts:
        if one.kind == kind and set(one.columns) == set(listed.columns):
            return one.text
    return None
