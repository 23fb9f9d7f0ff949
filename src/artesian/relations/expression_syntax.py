"""Conditions on rows in the syntax of Polars, such as `col("end") >= col("start")`, as a tree.

    comparison = joined (("==" | "!=" | "<" | "<=" | ">" | ">=") joined)?
    joined     = operands with | ^ & + - * / // %, which bind as they do in Python
    operand    = ("-" | "+" | "~") operand | primary ("." method "(" arguments ")")*
    primary    = number | "text" | True | False | None | "(" comparison ")" | "[" values "]"
               | col("name") | lit(value) | date(...) | datetime(...) | duration(...) | struct(...)
               | min_horizontal(...) | max_horizontal(...)

The text is parsed here and never executed: names other than those of `FUNCTIONS` and `METHODS` are
errors. `pl.` in front of a function is accepted. Length and depth are bounded.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from artesian.core.errors import did_you_mean
from artesian.relations.expression_nodes import (
    MAX_CHARACTERS,
    Node,
    Token,
    syntax_error,
    tokens_of,
)

MAX_DEPTH = 60
"""Maximum number of operations within one another, which are evaluated recursively."""

_EXPRESSION = re.compile(r"(?<![\w.])(?:pl\s*\.\s*)?(?:col|struct)\s*\(")
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'|`[^`]*`')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_LITERALS = {"True": True, "False": False, "true": True, "false": False, "None": None}

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_STRENGTH = {"|": 1, "^": 2, "&": 3, "+": 4, "-": 4, "*": 5, "/": 5, "//": 5, "%": 5}
_SPELLED = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "and_": "&",
    "or_": "|",
    "xor": "^",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
}
"""Methods that are operators."""

METHODS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("is_null", "is_not_null", "is_unique", "not_", "neg"), (0, 0)),
    **dict.fromkeys(("abs", "floor", "ceil"), (0, 0)),
    **dict.fromkeys(_SPELLED, (1, 1)),
    "round": (0, 1),
    "is_between": (2, 3),
    "is_in": (1, 1),
    "fill_null": (1, 1),
    **{
        f"dt.{part}": (0, 0)
        for part in (
            *("year", "quarter", "month", "week", "weekday", "day", "ordinal_day"),
            *("hour", "minute", "second", "date"),
            *("total_days", "total_hours", "total_minutes", "total_seconds"),
        )
    },
    **dict.fromkeys(("str.starts_with", "str.ends_with", "str.contains"), (1, 1)),
    **dict.fromkeys(("str.len_chars", "str.to_lowercase", "str.to_uppercase"), (0, 0)),
}
"""Method -> smallest and largest number of arguments."""

FUNCTIONS = (
    *("col", "lit", "date", "datetime", "time", "duration"),
    *("struct", "min_horizontal", "max_horizontal"),
)
_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "is_between": ("closed",),
    "str.contains": ("literal",),
    "duration": ("weeks", "days", "hours", "minutes", "seconds"),
    "datetime": ("year", "month", "day", "hour", "minute", "second"),
    "date": ("year", "month", "day"),
    "time": ("hour", "minute", "second"),
}
_CLOSED = ("both", "left", "right", "none")


def is_expression(text: str) -> bool:
    """Whether a rule is in the syntax of Polars: it has `col(` or `struct(` outside quotes.

    >>> is_expression('col("a") < col("b")'), is_expression("a < b")
    (True, False)
    """
    return _EXPRESSION.search(_QUOTED.sub('""', text[:MAX_CHARACTERS])) is not None


def parse_row_expression(text: str, columns: tuple[str, ...]) -> Node:
    """Parse a condition on the rows of a table with these columns.

    Raises:
        SchemaError: a syntax error with its place, or an unknown column, function or method.

    >>> parse_row_expression('col("start") <= col("end")', ("start", "end")).columns
    ('start', 'end')
    """
    parser = _Parser(text, columns, tokens_of(text))
    node = parser.comparison()
    if parser.token is not None:
        parser.refuse_rest()
    if not node.columns:
        syntax_error(text, 0, "it names no column")
    return node


class _Parser:
    """The text, and the tokens that have not been read."""

    def __init__(self, text: str, columns: tuple[str, ...], tokens: list[Token]) -> None:
        self.text, self.columns, self.tokens = text, columns, tokens
        self.next = self.nested = 0

    @property
    def token(self) -> Token | None:
        """The next token; None at the end."""
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def comparison(self) -> Node:
        left = self._joined(1)
        token = self.token
        if token is None or token.word not in COMPARISONS or token.kind != "sign":
            return left
        self.next += 1
        node = self._node(token.word, left.at, (left, self._joined(1)))
        if self.token is not None and self.token.word in COMPARISONS:
            self.refuse(
                "a comparison cannot follow another one",
                'put each comparison in brackets: (col("a") < col("b")) & (col("b") < 9)',
            )
        return node

    def _joined(self, strength: int) -> Node:
        node = self._operand()
        while (token := self.token) is not None and token.kind == "sign":
            own = _STRENGTH.get(token.word, 0)
            if own < strength:
                break
            self.next += 1
            node = self._node(token.word, node.at, (node, self._joined(own + 1)))
        return node

    def _operand(self) -> Node:
        token = self._take()
        self.nested += 1
        if self.nested > MAX_DEPTH:
            syntax_error(self.text, token.at, f"more than {MAX_DEPTH} operations are nested")
        if token.kind == "sign" and token.word in "+-~":
            inner = self._operand()
            number = inner.name == "value" and isinstance(inner.value, int | float)
            if token.word == "+":
                node = inner
            elif token.word == "-" and number and not isinstance(inner.value, bool):
                node = Node("value", token.at, value=-inner.value)
            else:
                node = self._node({"-": "neg"}.get(token.word, "~"), token.at, (inner,))
        else:
            node = self._primary(token)
            while self._accept("."):
                node = self._method(node)
        self.nested -= 1
        return node

    def _primary(self, token: Token) -> Node:
        if token.kind == "number":
            return Node("value", token.at, value=self._number(token))
        if token.kind == "text":
            inner = token.word[1:-1]
            value = _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), inner)
            return Node("value", token.at, value=value)
        if token.word == "(":
            node = self.comparison()
            self._expect(")")
            return node
        if token.word == "[":
            values: list[Node] = []
            while not self._accept("]"):
                values.append(self._operand())
                if not self._accept(","):
                    self._expect("]")
                    break
            return self._node("list", token.at, tuple(values))
        if token.kind == "word" and token.word == "pl" and self._accept("."):
            token = self._take()
        if token.kind == "word" and token.word in _LITERALS:
            return Node("value", token.at, value=_LITERALS[token.word])
        if token.kind == "word" and token.word in FUNCTIONS and self._accept("("):
            return self._function(token)
        self.next -= 1
        self.refuse_rest()

    def _function(self, token: Token) -> Node:
        arguments, options = self._arguments(token.word)
        if token.word == "col":
            return self._column(token, arguments)
        if token.word == "lit":
            if len(arguments) != 1 or arguments[0].name != "value":
                syntax_error(self.text, token.at, "lit takes one value")
            return arguments[0]
        if token.word in ("struct", "min_horizontal", "max_horizontal"):
            if not arguments:
                syntax_error(self.text, token.at, f"{token.word} takes columns")
            named = tuple(  # a text is the name of a column
                self._column(token, [one])
                if isinstance(one.value, str) and not one.arguments and one.name == "value"
                else one
                for one in arguments
            )
            return self._node(token.word, token.at, named)
        numbers = [self._literal(one, token.word) for one in arguments]
        named_numbers = {name: self._literal(one, token.word) for name, one in options.items()}
        try:
            value = _TIMES[token.word](*numbers, **named_numbers)
        except (TypeError, ValueError, OverflowError) as problem:
            syntax_error(self.text, token.at, f"it is no {token.word}: {problem}")
        return Node("value", token.at, value=value)

    def _column(self, token: Token, arguments: list[Node]) -> Node:
        if len(arguments) != 1 or not isinstance(arguments[0].value, str):
            syntax_error(self.text, token.at, "a column is one name in quotes", 'write col("name")')
        name = arguments[0].value
        if arguments[0].name != "value" or name not in self.columns:
            hint = did_you_mean(name, self.columns)
            syntax_error(self.text, arguments[0].at, f"there is no column {name!r}", hint)
        return Node("col", token.at, value=name)

    def _method(self, node: Node) -> Node:
        token = self._take()
        name = token.word
        if name in ("dt", "str") and self._accept("."):
            name = f"{name}.{self._take().word}"
        if name not in METHODS or token.kind != "word":
            hint = did_you_mean(name, METHODS, shown=len(METHODS))
            syntax_error(self.text, token.at, f"there is no method {name!r}", hint)
        self._expect("(")
        arguments, options = self._arguments(name)
        smallest, largest = METHODS[name]
        if not smallest <= len(arguments) <= largest:
            counts = str(smallest) if smallest == largest else f"{smallest} to {largest}"
            syntax_error(
                self.text, token.at, f"{name} takes {counts} arguments, not {len(arguments)}"
            )
        if name in _SPELLED:
            return self._node(_SPELLED[name], node.at, (node, *arguments))
        if name == "not_":
            return self._node("~", node.at, (node,))
        value: Any = None
        if name == "is_between":
            closed = [*options.values(), *arguments[2:]]
            value = closed[0].value if closed else "both"
            if len(closed) > 1 or value not in _CLOSED:
                syntax_error(self.text, token.at, f"closed is one of {', '.join(_CLOSED)}")
            arguments = arguments[:2]
        elif name == "str.contains":
            value = options["literal"].value is True if options else False
        return self._node(name, node.at, (node, *arguments), value)

    def _arguments(self, name: str) -> tuple[list[Node], dict[str, Node]]:
        """Positional and named arguments, up to the closing bracket."""
        arguments: list[Node] = []
        options: dict[str, Node] = {}
        while not self._accept(")"):
            token, after = self.token, self.tokens[self.next + 1 : self.next + 2]
            if token is not None and token.kind == "word" and after and after[0].word == "=":
                if token.word not in _KEYWORDS.get(name, ()) or token.word in options:
                    syntax_error(self.text, token.at, f"{name} has no argument {token.word!r}")
                self.next += 2
                options[token.word] = self.comparison()
            else:
                arguments.append(self.comparison())
            if not self._accept(","):
                self._expect(")")
                break
        return arguments, options

    def _literal(self, node: Node, name: str) -> Any:
        number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if node.name != "value" or not number:
            syntax_error(self.text, node.at, f"{name} takes numbers")
        return node.value

    def _number(self, token: Token) -> int | float:
        whole = token.word.isdigit() and len(token.word) <= 18
        value = int(token.word) if whole else float(token.word)
        if not math.isfinite(value):
            syntax_error(self.text, token.at, "the number is too large")
        return value

    def _node(self, name: str, at: int, arguments: tuple[Node, ...], value: Any = None) -> Node:
        depth = 1 + max((one.depth for one in arguments), default=0)
        if depth > MAX_DEPTH:
            syntax_error(self.text, at, f"more than {MAX_DEPTH} operations are nested")
        return Node(name, at, arguments, value, depth)

    def _take(self) -> Token:
        if self.token is None:
            syntax_error(self.text, len(self.text), "it ends too early")
        self.next += 1
        return self.tokens[self.next - 1]

    def _accept(self, sign: str) -> bool:
        if self.token is None or self.token.kind != "sign" or self.token.word != sign:
            return False
        self.next += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            self.refuse_rest(f"{sign!r} is missing")

    def refuse(self, why: str, hint: str = "") -> NoReturn:
        """Refuse the next token."""
        at = len(self.text) if self.token is None else self.token.at
        syntax_error(self.text, at, why, hint)

    def refuse_rest(self, why: str = "") -> NoReturn:
        """Refuse the next token, which cannot follow."""
        token = self.token
        word = "" if token is None else token.word
        if word in ("and", "or", "not"):
            sign = {"and": "&", "or": "|", "not": "~"}[word]
            self.refuse(
                f"{word!r} cannot join conditions on columns",
                f'write {sign}, and each comparison in brackets: (col("a") > 1) & (col("b") < 9)',
            )
        if word in ("=", "<>"):
            self.refuse(f"{word!r} is no comparison", f"write {'==' if word == '=' else '!='}")
        if token is not None and token.kind == "word" and word in self.columns:
            self.refuse(f"{word!r} is a column", f"write col({word!r})")
        self.refuse(why or f"{word[:40]!r} is not expected")


def _duration(
    weeks: float = 0, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
) -> datetime.timedelta:
    return datetime.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


_TIMES: Mapping[str, Callable[..., Any]] = {
    "date": datetime.date,
    "datetime": datetime.datetime,
    "time": datetime.time,
    "duration": _duration,
}
