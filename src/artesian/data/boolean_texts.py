"""The words of a source for true and false, in the texts of relations: 'nein' for 'false'."""

from __future__ import annotations

import re
from collections.abc import Mapping

from artesian.data.schema import Kind, Schema

_WORD = r"'(?:[^']|'')*'"


def with_source_texts(text: str, schema: Schema) -> str:
    """A relation with the texts that the source has for the values of boolean columns."""
    for name, texts in _texts(schema, text).items():
        text = _replaced(text, name, texts)
    return text


def with_stored_texts(text: str, schema: Schema) -> str:
    """The inverse of `with_source_texts`; `'true'` and `'false'` remain as they are."""
    for name, texts in _texts(schema, text).items():
        text = _replaced(text, name, {word: value for value, word in texts.items()})
    return text


def _texts(schema: Schema, relation: str) -> dict[str, dict[str, str]]:
    """Column of a relation with values -> 'true' and 'false' -> the word of the source."""
    out = {}
    for column in schema if "'" in relation else ():
        if column.name not in relation:
            continue
        form = column.value_format
        if column.kind is Kind.BOOLEAN and form.true is not None and form.false is not None:
            out[column.name] = {"true": form.true, "false": form.false}
    return out


def _replaced(text: str, name: str, texts: Mapping[str, str]) -> str:
    """The text with other values of one column, in lists (`name in ('a')`) and in events."""

    def word(match: re.Match[str]) -> str:
        value = match[0][1:-1].replace("''", "'")
        return "'" + texts.get(value, value).replace("'", "''") + "'"

    def group(match: re.Match[str]) -> str:
        return match[1] + re.sub(_WORD, word, match[2])

    column = rf'(?<![\w"])(?:"{re.escape(name)}"|{re.escape(name)}(?!\w))'
    text = re.sub(rf"({column}\s+(?:not\s+)?in\s+\()((?:{_WORD},?\s*)+)", group, text)
    return re.sub(rf"({column}\s*=\s*)({_WORD})", group, text)
