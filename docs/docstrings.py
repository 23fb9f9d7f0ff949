"""Turn the docstrings of the package into valid reStructuredText."""

from __future__ import annotations

import re

_CODE = re.compile(r"(^[ \t]*(?:>>>|\.\.\.).*$|``.+?``|`[^`]+`)", re.MULTILINE)
_MARKUP = re.compile(r"([*|]|(?<=\w)_(?!\w))")


def plain_text(text: str) -> str:
    """A docstring in which only code and sections are markup for reStructuredText.

    Outside of code its marks are escaped, and code may touch a letter, as in `Table`s.
    """
    parts = _CODE.split(text)
    for n, part in enumerate(parts):
        if n % 2 == 0:
            parts[n] = _MARKUP.sub(r"\\\1", part)
        elif part.startswith("`") and parts[n + 1][:1].isalnum():
            parts[n] = part + "\\ "
    return "".join(parts)
