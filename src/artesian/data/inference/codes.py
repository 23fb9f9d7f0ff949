"""Whether texts are codes by their characters: running numbers, long codes, random characters."""

from __future__ import annotations

import re

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64}")

MIN_LONG_CODE, MIN_LONG_DIGITS = 16, 10
"""Minimum number of characters, and of digits, of codes that identify something by their length."""

CAPITALS = re.compile(r"[A-Z0-9]+")
LONG_CODE = re.compile(r"(?=.*[A-Z])[A-Z0-9]+")

MIN_TOKENS = 30
"""Minimum number of distinct values that are judged as random tokens."""

MIN_TOKEN_LENGTH = 7
"""Minimum number of random characters."""

MIN_TOKEN_VARIETY = 8
"""Minimum number of different characters at nearly every position of random tokens."""

MIN_CODES = 20
"""Minimum number of distinct values that are judged as short random codes."""

MIN_CODE_LENGTH, MAX_CODE_LENGTH = 5, 16

MIN_CODE_VARIETY = 6
"""Minimum number of different characters at nearly every position of short random codes."""

MAX_VOWELS = 0.28
"""Maximum fraction of vowels among random letters, of which 19 % are; of words it is about 40 %."""


def is_coded(sample: list[str]) -> bool:
    """Whether the values are codes: of few forms, all with digits and without spaces."""
    if any(re.search(r"\s", v) or not re.search(r"\d", v) for v in sample):
        return False
    if all(UUID.fullmatch(v) for v in sample):
        return True
    affixes = {re.sub(r"\d", "", v) for v in sample}
    shapes = {re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", v)) for v in sample}
    return min(len(affixes), len(shapes)) <= 3


def is_long_code(sample: list[str]) -> bool:
    """Whether the values are codes of one length that are too long for classes of things: the number
    of a meter or a vehicle, whatever the column is called."""
    length = len(sample[0]) if sample else 0
    return length >= MIN_LONG_CODE and all(
        len(value) == length
        and LONG_CODE.fullmatch(value)
        and sum(c.isdigit() for c in value) >= MIN_LONG_DIGITS
        for value in sample
    )


def is_token(sample: list[str]) -> bool:
    """Whether the values are random characters of one length, after a common beginning: cus_x7Kp2..."""
    if len(sample) < MIN_TOKENS:
        return False
    first, last = min(sample), max(sample)
    pairs = zip(first, last, strict=False)
    begin = next((at for at, (a, b) in enumerate(pairs) if a != b), len(first))
    rests = [value[begin:] for value in sample]
    length = len(rests[0])
    if length < MIN_TOKEN_LENGTH or any(len(rest) != length for rest in rests):
        return False
    if not all(re.fullmatch(r"[A-Za-z0-9_-]+", rest) for rest in rests):
        return False
    characters = "".join(rests)
    digits = sum(c.isdigit() for c in characters) / len(characters)
    varied = sum(len(set(column)) >= MIN_TOKEN_VARIETY for column in zip(*rests, strict=True))
    return 0.03 <= digits <= 0.9 and varied >= 0.9 * length


def is_short_code(sample: list[str]) -> bool:
    """Whether the values are random capitals and digits of one length, as 'K7QX2M' of a booking.

    Some of them may have letters only. Words of one length have a vowel in most syllables.
    """
    length = len(sample[0]) if len(sample) >= MIN_CODES else 0
    if not MIN_CODE_LENGTH <= length <= MAX_CODE_LENGTH:
        return False
    if not all(len(value) == length and CAPITALS.fullmatch(value) for value in sample):
        return False
    varied = sum(len(set(column)) >= MIN_CODE_VARIETY for column in zip(*sample, strict=True))
    letters = [c for value in sample for c in value if c.isalpha()]
    vowels = sum(c in "AEIOU" for c in letters)
    return varied >= 0.9 * length and vowels <= MAX_VOWELS * max(len(letters), 1)
