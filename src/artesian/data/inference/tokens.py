"""Cut texts into numbers, dates, times of day, words, codes and what is between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER, DATE, TIME, WORD, TEXT = "number", "date", "time", "word", "text"

_DATE = (
    r"(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d"
    r"|\d{1,2}[- /](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[- /](?:19|20)\d\d"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}, (?:19|20)\d\d)(?!\d)"
)
_TIME = r"\d{1,2}:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp][Mm]\b)?(?!\d)"
_OFFSET = r"(?<=:\d\d)(?:Z| ?[+-]\d\d:?\d\d)(?!\w)"
_CODE = r"[^\W\d_]+[-_#]?\d\w*"
_PHRASE = r"[^\W\d_]+(?:[ _'-][^\W\d_]+)*"
NUMBERS = (
    r"\d+(?:[.,'’\u00a0\u202f ]\d+)*",
    r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?",
    r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?",
)
"""Ways to find numbers in a text: with any marks, with a decimal point, with a decimal comma."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text and its kind."""

    kind: str
    text: str

    def form(self, *, decimals: bool) -> str:
        """What the token contributes to the form of its text; `decimals` counts those of numbers."""
        if self.kind == TEXT:
            return self.text
        if self.kind == NUMBER and decimals:
            tail = re.search(r"[.,](\d+)$", self.text)
            return f"<number {len(tail[1]) if tail else 0}>"
        if self.kind in (DATE, TIME):
            return f"<{re.sub('[0-9]+', '9', re.sub('[A-Za-z]+', 'a', self.text))}>"
        return f"<{self.kind}>"


class Tokenizer:
    """Cuts texts into tokens with one way to find numbers."""

    def __init__(self, number: str) -> None:
        self._date = re.compile(_DATE)
        self._with_zone = self._pattern(_OFFSET, number)
        self._without_zone = self._pattern("$.", number)

    @staticmethod
    def _pattern(offset: str, number: str) -> re.Pattern[str]:
        return re.compile(
            rf"(?P<date>{_DATE})|(?P<time>{_TIME})|(?P<offset>{offset})|(?P<t>T(?=\d\d:))"
            rf"|(?P<code>{_CODE})|(?P<number>(?:(?<![\w)])[+-])?{number})|(?P<word>{_PHRASE})"
        )

    def tokens(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, which joined give the text."""
        out: list[Token] = []
        end = 0
        # Only beside a date is -17:30 an offset; in 9:00-17:30 it is the end.
        pattern = self._with_zone if self._date.search(text) else self._without_zone
        for match in pattern.finditer(text):
            if match.start() > end:
                out.append(Token(TEXT, text[end : match.start()]))
            kind = str(match.lastgroup)
            if kind == TIME and match.group().startswith("24:00"):
                kind = TEXT  # the end of a day, which is no time of any clock
            kind = {"t": TEXT, "offset": WORD, "code": WORD}.get(kind, kind)
            out.append(Token(kind, match.group()))
            end = match.end()
        if end < len(text):
            out.append(Token(TEXT, text[end:]))
        return tuple(out)
