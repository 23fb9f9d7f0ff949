"""Numbers, tables and paragraphs in Markdown."""

from __future__ import annotations

import textwrap
from decimal import ROUND_HALF_EVEN, Decimal

WIDTH = 110


def number(value: float | Decimal, digits: int) -> str:
    """`value` in decimal notation, rounded half to even as it is printed in the JSON file."""
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(str(value)).quantize(step, rounding=ROUND_HALF_EVEN):,}"


def percent(fraction: float) -> str:
    return f"{number(100 * Decimal(str(fraction)), 1)} %"


def table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def paragraph(text: str) -> str:
    """`text` on lines of at most WIDTH characters; a span in backquotes is not broken."""
    joined = " ".join(text.split())
    spans = joined.split("`")
    spans[1::2] = [span.replace(" ", "\N{NO-BREAK SPACE}") for span in spans[1::2]]
    filled = textwrap.fill("`".join(spans), WIDTH, break_long_words=False, break_on_hyphens=False)
    return filled.replace("\N{NO-BREAK SPACE}", " ")
