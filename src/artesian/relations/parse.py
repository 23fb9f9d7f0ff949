"""Relations as text, in the form that their `str` gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from artesian.core.errors import SchemaError, did_you_mean
from artesian.relations.between import Between
from artesian.relations.bins import Bins, Label
from artesian.relations.dependencies import Dependency
from artesian.relations.different import Different
from artesian.relations.exclusive import Exclusive
from artesian.relations.expressions import Call, Ref, parse_expression
from artesian.relations.follows import Follows
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.group_values import FUNCTIONS, Balanced, GroupValue
from artesian.relations.implied import Event, Implied
from artesian.relations.largest import Largest
from artesian.relations.multiples import Multiples
from artesian.relations.orders import Inequality, Order
from artesian.relations.parts import PartDependency
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.running import (
    PERIODS,
    CarriedForward,
    FromPrevious,
    NeverFalls,
    RunningTotal,
    Term,
    previous_name,
)
from artesian.relations.signed import SignedSum
from artesian.relations.texts import ConditionalTemplate, Field, Template

MAX_CHARACTERS = 100_000
"""Maximum number of characters of a relation, which may list values."""

_MANY_SPACES = re.compile(r"\s{51}")  # patterns below take quadratic time for it

_NAME = r'(?:"[^"]+"|[^\W\d]\w*)'
_TEMPLATE = re.compile(rf'({_NAME})\s*=\s*text\("(.*)"\)')
_TOGETHER = re.compile(rf"missing\(\s*({_NAME})\s*\)\s*=\s*(missing|present)\(\s*({_NAME})\s*\)")
_WHEN = re.compile(rf"missing\(\s*({_NAME})\s*\)\s*=\s*({_NAME})\s+(not\s+)?in\s+\((.*)\)")
_EVENT = rf"missing\(\s*{_NAME}\s*\)|{_NAME}\s*=\s*(?:'(?:[^']|'')*'|[-+]?[\d.]+(?:[eE][-+]?\d+)?)"
_IMPLIED = re.compile(rf"({_EVENT})\s+(if|exactly\s+if)\s+({_EVENT})")
_CONFINED = re.compile(rf"({_NAME})\s+in\s+\((.*)\)")
_CALL = re.compile(r"[^\W\d]\w*\s*\(.*\)")
_LISTED = re.compile(r"'((?:[^']|'')*)'")
_VALUES = r"(?:'(?:[^']|'')*'|[\s,])*"
_TERM = re.compile(rf"\s*([-+])\s*({_NAME})(?:\s+if\s+({_NAME})\s+in\s+\(({_VALUES})\))?")
_TOTAL = re.compile(
    rf"({_NAME})\s*=\s*previous\(\s*({_NAME})\s*\)"
    rf"((?:\s*[-+]\s*{_NAME}(?:\s+if\s+{_NAME}\s+in\s+\({_VALUES}\))?)*)"
    rf"\s+by\s+((?:{_NAME}\s*,\s*)*)({_NAME})(?:\s+each\s+({'|'.join(PERIODS)}))?"
)
_SIGNED = re.compile(
    rf"({_NAME})\s*=\s*({_NAME})((?:\s*[-+]\s*{_NAME}\s+if\s+{_NAME}\s+in\s+\({_VALUES}\)){{2,}})"
)
_CONDITIONAL = re.compile(rf"(.+?)\s+if\s+({_NAME})\s+in\s+\(({_VALUES})\)")
_MULTIPLES = re.compile(
    rf"({_NAME})\s+in\s+steps\s+of\s+([\d.]+(?:[eE][-+]?\d+)?)\s+if\s+({_NAME})\s+in\s+\(({_VALUES})\)"
)
_PREVIOUS = re.compile(rf"previous\(\s*({_NAME})\s*\)")
_WITHIN_ROWS = re.compile(rf"({_NAME})\s*,\s*({_NAME})")
_NEVER_FALLS = re.compile(rf"({_NAME})\s+never\s+falls\s+by\s+({_NAME})\s*,\s*({_NAME})")
_FOLLOWS = re.compile(
    rf"({_NAME})\s*>=\s*previous\(\s*({_NAME})\s*\)\s+by\s+({_NAME})\s*,\s*({_NAME})"
)
_EXCLUSIVE = re.compile(r"(exactly|at most) one of \((.*)\)")
_DIFFERENT = re.compile(rf"({_NAME})\s*(?:!=|<>)\s*({_NAME})")
_ORDER = re.compile(rf"({_NAME})\s*(<=|<|>=|>)\s*({_NAME})")
_BOUND = re.compile(r"([^<>=]+?)\s*(<=|>=)\s*([^<>=]+)")
_LABEL = r"'(?:[^']|'')*'|[-+]?[\d.]+(?:[eE][-+]?\d+)?"
_RANGES = rf"(?:(?:{_LABEL})\s+below\s+[-+.\deE]+\s*,\s*)+(?:{_LABEL})"
_RANGE = re.compile(rf"({_LABEL})(?:\s+below\s+([-+.\deE]+))?")
_BINS = re.compile(rf"({_NAME})\s*=\s*bin\((.*?):\s*({_RANGES})\s*\)")
_LARGEST = re.compile(rf"({_NAME})\s*=\s*(largest|smallest)\(\s*(.*?)\s*\)")
_MEMBER = re.compile(rf"({_NAME})\s*:\s*'((?:[^']|'')*)'")
_WORD = r"missing|'(?:[^']|'')*'"
_BETWEEN = re.compile(
    rf"({_NAME})\s*=\s*between\(\s*({_NAME})\s*,\s*({_NAME})\s*,\s*({_NAME})\s*:"
    rf"\s*({_WORD})\s*,\s*({_WORD})\s*,\s*({_WORD})\s*\)"
)
_GROUP_VALUE = re.compile(
    rf"({_NAME})\s*=\s*({'|'.join(FUNCTIONS)})\(\s*({_NAME})?\s*\)"
    rf"(?:\s+within\s+([\d.eE+-]+))?\s+by\s+({_NAME})"
)
_BALANCED = re.compile(rf"sum\(\s*({_NAME})\s*\)\s*=\s*sum\(\s*({_NAME})\s*\)\s+by\s+({_NAME})")
_FORMULA = re.compile(rf"({_NAME})\s*=\s*(.*?)(?:\s+within\s+([\d.eE+-]+))?")


def parse_relation(text: str, columns: tuple[str, ...]) -> Relation:
    """Parse a relation of a table with these columns.

    Raises:
        SchemaError: a syntax error, or an unknown column.

    >>> str(parse_relation("gross = 1.25 * net within 0.005", ("gross", "net")))
    'gross = 1.25 * net within 0.005'
    >>> parse_relation("start <= end", ("start", "end")).columns
    ('start', 'end')
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise SchemaError(
            f"the relation {text[:40]!r}... has {len(text)} characters",
            hint=f"write at most {MAX_CHARACTERS}",
        )
    if _MANY_SPACES.search(text):
        raise SchemaError(
            f"the relation {text[:40]!r}... has more than 50 spaces in a row", hint="write one"
        )

    def name(word: str) -> str:
        word = word.strip().strip('"')
        if word not in columns:
            raise SchemaError(
                f"the relation {text!r} names a column {word!r} that there is not",
                hint=did_you_mean(word, columns),
            )
        return word

    if match := _TEMPLATE.fullmatch(text):
        inner, is_open = match[2].removesuffix("..."), match[2].endswith("...")
        parts: list[str | Field] = []
        for at, part in enumerate(re.split(r"\{([^{}]*)\}", inner)):
            if at % 2:
                parts.append(Field.parse(part, name, columns))
            elif part:
                parts.append(part)
        return Template(name(match[1]), tuple(parts), is_open)
    if match := _TOGETHER.fullmatch(text):
        return MissingTogether(name(match[1]), name(match[3]), match[2] == "present")
    if match := _WHEN.fullmatch(text):
        values = tuple(value.replace("''", "'") for value in _LISTED.findall(match[4]))
        return MissingWhen(name(match[1]), name(match[2]), values, bool(match[3]))
    if match := _IMPLIED.fullmatch(text):
        effect, cause = (_event(match[at], name) for at in (1, 3))
        if effect.column != cause.column:
            return Implied(effect, cause, match[2] != "if")
    if match := _SIGNED.fullmatch(text):
        return SignedSum(name(match[1]), name(match[2]), _terms(match[3], name))
    if (match := _MULTIPLES.fullmatch(text)) and (step := _positive(match[2])):
        values = tuple(value.replace("''", "'") for value in _LISTED.findall(match[4]))
        return Multiples(name(match[1]), step, name(match[3]), values)
    if (match := _CONDITIONAL.fullmatch(text)) and "previous(" not in text:
        formula = parse_relation(match[1], columns)
        values = tuple(value.replace("''", "'") for value in _LISTED.findall(match[3]))
        if isinstance(formula, Copy):
            formula = Formula(formula.target, Ref(formula.source))
        if isinstance(formula, Template) and values and not formula.open:
            return ConditionalTemplate(formula, name(match[2]), values)
        if isinstance(formula, Formula) and values:
            return ConditionalFormula(formula, name(match[2]), values)
    if match := _TOTAL.fullmatch(text):
        target, total, time = (name(match[at]) for at in (1, 2, 5))
        groups = tuple(name(word) for word in re.findall(_NAME, match[4]))
        entity, groups = (groups[0], ()) if len(groups) == 1 else ("", groups)
        terms = _terms(match[3], name)
        if terms and total == target:
            return RunningTotal(target, terms, entity, time, groups, match[6] or "")
        if not terms and total != target and not match[6]:
            return CarriedForward(target, total, entity, time, groups)
    if "previous(" in text and (relation := _from_previous(text, name, columns)):
        return relation
    if match := _NEVER_FALLS.fullmatch(text):
        return NeverFalls(name(match[1]), name(match[2]), name(match[3]))
    if match := _FOLLOWS.fullmatch(text):
        return Follows(*(name(match[at]) for at in (1, 2, 3, 4)))
    if match := _GROUP_VALUE.fullmatch(text):
        function, source = match[2], match[3]
        if (source is None) == (function == "count"):
            within = float(match[4] or 0)
            of = "" if source is None else name(source)
            return GroupValue(name(match[1]), function, of, within, name(match[5]))
    if match := _BALANCED.fullmatch(text):
        return Balanced(*(name(match[at]) for at in (1, 2, 3)))
    if match := _EXCLUSIVE.fullmatch(text):
        members = tuple(name(word) for word in re.findall(_NAME, match[2]))
        if len(members) > 1:
            return Exclusive(members, match[1] == "exactly")
    if "->" in text:
        left, _, right = text.rpartition("->")
        if match := _CONFINED.fullmatch(left.strip()):
            values = tuple(value.replace("''", "'") for value in _LISTED.findall(match[2]))
            return Dependency((name(match[1]),), name(right), values)
        if _CALL.fullmatch(left.strip()):
            part = parse_expression(left, columns)
            if isinstance(part, Call) and len(part.columns) == 1:
                return PartDependency(part, name(right))
        sources = [name(word) for word in re.findall(_NAME, left)]
        if sources:
            return Dependency(tuple(sources), name(right))
    if (match := _DIFFERENT.fullmatch(text)) and name(match[1]) != name(match[2]):
        return Different(name(match[1]), name(match[2]))
    if match := _ORDER.fullmatch(text):
        first, sign, second = name(match[1]), match[2], name(match[3])
        low, high = (first, second) if sign in ("<", "<=") else (second, first)
        return Order(low, high, strict=sign in ("<", ">"))
    if match := _BOUND.fullmatch(text):
        left, right = match[1], match[3]
        low, high = (left, right) if match[2] == "<=" else (right, left)
        for target, bound, lower in ((high, low, True), (low, high, False)):
            if re.fullmatch(_NAME, target):
                expression = parse_expression(bound, columns)
                if expression.columns:  # a constant bound is a constraint, not a relation
                    return Inequality(name(target), expression, lower)
    if match := _BETWEEN.fullmatch(text):
        below, inside, above = (_word(match[at]) for at in (5, 6, 7))
        target, number, floor, ceiling = (name(match[at]) for at in (1, 2, 3, 4))
        return Between(target, number, floor, ceiling, (below, inside, above))
    if match := _BINS.fullmatch(text):
        ranges = [_range(part) for part in _RANGE.findall(match[3])]
        labels, cuts = [label for label, _ in ranges], [cut for _, cut in ranges[:-1]]
        if cuts == sorted(cuts) and len({type(label) for label in labels}) == 1:
            expression = parse_expression(match[2], columns)
            return Bins(name(match[1]), expression, tuple(cuts), tuple(labels))
    if match := _LARGEST.fullmatch(text):
        items = _MEMBER.findall(match[3])
        if len(items) > 1:
            members = tuple(name(word) for word, _ in items)
            written = tuple(label.replace("''", "'") for _, label in items)
            return Largest(name(match[1]), members, written, match[2] == "smallest")
    if "previous(" in text:
        raise SchemaError(
            f"the relation {text!r} is not understood",
            hint="write one such as: balance = previous(balance) + amount if kind in ('in') - fee "
            "by account, booked",
        )
    if match := _FORMULA.fullmatch(text):
        target, expression = name(match[1]), parse_expression(match[2], columns)
        if isinstance(expression, Ref):
            return Copy(target, expression.name)
        return Formula(target, expression, float(match[3] or 0))
    raise SchemaError(
        f"the relation {text!r} is not understood",
        hint="write one such as: gross = 1.25 * net, start <= end, product -> price, "
        "missing(end) = missing(start), missing(reason) = status in ('open'), tax = 0 if net = 0, "
        "at most one of (a, b)",
    )


def _word(text: str) -> str | None:
    """A label in quotes; None for `missing`."""
    return None if text == "missing" else text[1:-1].replace("''", "'")


def _positive(text: str) -> float:
    """A number; 0 if the text is none, or an infinite one."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if value < float("inf") else 0.0


def _terms(text: str, name: Callable[[str], str]) -> tuple[Term, ...]:
    """`+ a - b if c in ('d')`."""
    return tuple(
        Term(
            1 if sign == "+" else -1,
            name(word),
            name(label) if label else "",
            tuple(value.replace("''", "'") for value in _LISTED.findall(values)),
        )
        for sign, word, label, values in _TERM.findall(text)
    )


def _from_previous(
    text: str, name: Callable[[str], str], columns: tuple[str, ...]
) -> FromPrevious | None:
    """Arithmetic with one total of the row before; None for anything else."""
    formula, _, series = text.rpartition(" by ")
    match, within_rows = _FORMULA.fullmatch(formula.strip()), _WITHIN_ROWS.fullmatch(series.strip())
    totals = {name(word) for word in _PREVIOUS.findall(match[2])} if match else set()
    if match is None or within_rows is None or len(totals) != 1 or name(match[1]) in totals:
        return None
    (total,) = totals
    before = previous_name(total)
    expression = parse_expression(_PREVIOUS.sub(f'"{before}"', match[2]), (*columns, before))
    entity, time = name(within_rows[1]), name(within_rows[2])
    return FromPrevious(name(match[1]), total, expression, float(match[3] or 0), entity, time)


def _event(text: str, name: Callable[[str], str]) -> Event:
    """`missing(a)`, `a = 'b'` or `a = 1`."""
    if text.startswith("missing("):
        return Event(name(text.removeprefix("missing(").rstrip(")")))
    column, literal = re.fullmatch(rf"({_NAME})\s*=\s*(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if literal.startswith("'"):
        return Event(name(column), literal[1:-1].replace("''", "'"))
    return Event(name(column), float(literal))


def _range(part: tuple[str, str]) -> tuple[Label, float]:
    """The label and the upper limit of a range."""
    label, cut = part
    text = label[1:-1].replace("''", "'") if label.startswith("'") else float(label)
    return text, float(cut or "inf")


def relations_of(texts: Iterable[str] | None, columns: tuple[str, ...]) -> list[Relation]:
    """The relations among `texts` that name none but these columns.

    Others are of fields of a text, such as the numbers of a blood pressure, or of columns that are
    modelled in another form.
    """
    return [parse_relation(text, columns) for text in texts or () if is_relation(text, columns)]


def is_relation(text: str, columns: tuple[str, ...]) -> bool:
    """Whether `text` is a relation of a table with these columns."""
    try:
        parse_relation(text, columns)
    except SchemaError:
        return False
    return True
