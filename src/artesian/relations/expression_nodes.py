"""Words of an expression and the tree that is made of them, see `expression_syntax`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from artesian.core.errors import SchemaError

MAX_CHARACTERS = 20_000
"""Maximum number of characters of an expression."""

MAX_TOKENS = 2_000
"""Maximum number of words, numbers and signs of an expression."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number> (?: \d+ (?:\.\d*)? | \.\d+ ) (?: [eE][+-]?\d+ )? (?!\w) )
      | (?P<text> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
      | (?P<word> [^\W\d]\w* )
      | (?P<sign> \*\* | // | <= | >= | == | != | <> | [-+*/%&|^~<>()\[\],.=] )
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Node:
    """An operation and what it is applied to.

    Attributes:
        name: 'col', 'value' or 'list'; an operator; 'neg' or '~'; or a method such as 'dt.year'.
        at: Position of its first character.
        arguments: The operands.
        value: The name of a column, a value, or the option of a method: `closed` or `literal`.
        depth: Number of operations within one another.
    """

    name: str
    at: int
    arguments: tuple[Node, ...] = ()
    value: Any = None
    depth: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in it, in the order of their first occurrence."""
        if self.name == "col":
            return (self.value,)
        return tuple(dict.fromkeys(name for one in self.arguments for name in one.columns))


@dataclass(frozen=True, slots=True)
class Token:
    """A number, text, word or sign, and the position of its first character."""

    kind: str
    word: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of an expression.

    Raises:
        SchemaError: a character that belongs to none, or too many.
    """
    if len(text) > MAX_CHARACTERS:
        syntax_error(text, 0, f"it has more than {MAX_CHARACTERS:,} characters")
    tokens: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            unclosed = text[at] in "\"'"
            syntax_error(text, at, "a quote is not closed" if unclosed else "it is not understood")
        if len(tokens) >= MAX_TOKENS:
            syntax_error(text, at, f"it has more than {MAX_TOKENS:,} words and signs")
        kind = str(match.lastgroup)
        tokens.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return tokens


def syntax_error(text: str, at: int, why: str, hint: str = "") -> NoReturn:
    """Refuse an expression at a position.

    Raises:
        SchemaError: always.
    """
    shown = text if len(text) <= 200 else f"{text[:200]}..."
    rest = text[at : at + 30] + ("..." if len(text) > at + 30 else "")
    place = f"at character {at + 1}, {rest!r}" if rest.strip() else "at its end"
    raise SchemaError(
        f"the constraint {shown!r} cannot be parsed {place}: {why}",
        hint=hint or 'write a comparison in the syntax of Polars: col("end") >= col("start")',
    )
