"""Forms of addresses, telephone numbers, account numbers and other codes of people, as patterns."""

from __future__ import annotations

import re

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.\d]{2,}")
URL = re.compile(r"(https?|ftp)://\S+|www\.[\w-]+\.\S+", re.IGNORECASE)
PHONE = re.compile(r"\+?[\d(][\d\s()./-]{5,22}(\s?(x|ext\.?)\s?\d{1,6})?", re.IGNORECASE)
DIALLED = re.compile(  # 00 alone also begins account numbers
    r"\+\d{1,3}[\s(.-]?.*|00[1-9]\d{0,2}[\s(./-].*|\(\d{1,5}\).*|0?\d{3}[-. ]\d{3}[-. ]\d{4}.*"
)
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
POSTCODE = re.compile(r"(?=.*\d)[A-Z〒]{0,3}[- ]?[\dA-Z]{2,5}([- ]?[\dA-Z]{1,4})?", re.IGNORECASE)
SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
MAC = re.compile(
    r"[0-9A-F]{2}([:-])([0-9A-F]{2}\1){4}[0-9A-F]{2}|([0-9A-F]{4}\.){2}[0-9A-F]{4}", re.I
)
BARE_MAC = re.compile(r"[0-9A-F]{12}", re.I)
DEVICE = re.compile(r"(?=.*\d)[0-9A-Z:-]{8,64}", re.I)
ACCOUNT = re.compile(r"(?=(.*\d){6})[0-9A-Z][0-9A-Z .-]{5,40}", re.I)
_PLATES = (
    r"[A-Z]{2}\d{2} [A-Z]{3}",  # United Kingdom
    r"(AN|AP|AR|AS|BR|CG|CH|DD|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ"
    r"|SK|TN|TR|TS|UK|UP|WB)[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}",  # India
)
STRICT_PLATE = re.compile("|".join(_PLATES))
PLATE = re.compile(r"(?=.*\d)[\wÄÖÜ〒]{1,4}([ ·.-]?[\wÄÖÜ]{1,4}){1,3}", re.I)
CODE = re.compile(r"([A-Z]{0,6}[-_#/]?)\d{2,}", re.I)
NATIONAL = re.compile(
    r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|\d{6,8}[-+]?\d{4}|[\dXYZ]\d{7}-?[A-Z]"
    r"|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z]|\d{3}[. ]?\d{3}[. ]?\d{3}[-. ]?\d{2}"
    r"|[12][\d ]{12,20}|\d{9,13}"
)
