"""How a column writes names, addresses and the like: case, order, separators."""

from __future__ import annotations

import re

import polars as pl

MAX_DOMAINS = 3
"""Number of domains of generated mail addresses."""

_MOSTLY = 0.5
_TITLES = re.compile(
    r"^((dr|prof|mr|mrs|ms|miss|herr|frau|ing|dipl|univ|sir)(\.[ -]*| +|-(?=ing\b)))+(?=[^\W\d_])",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"( ([A-Z][a-z]?\.){2,}| (B\.?Sc|M\.?Sc|Ph\.?D|MBA|MD|Jr|Sr|I{1,3})\.?)+$")


def style_of(values: pl.Series, role: str) -> dict[str, str]:
    """The style of texts without missing values.

    Keys: case ('upper', 'lower'), order ('last, first'), between ('' of names without a space),
    joint (of a user name), number ('first', 'last', '' for none: the house number), parts (',' or a
    line break before the town), start (of a web address), domains (how many mail addresses have,
    at most `MAX_DOMAINS`), unique ('yes': companies do not repeat).
    """
    distinct = values.n_unique() / max(len(values), 1)
    texts = values.head(500)
    if texts.is_empty():
        return {}

    def fraction(mask: pl.Series) -> float:
        return float(mask.sum()) / len(texts)

    style: dict[str, str] = {}
    cased = texts.str.to_uppercase() != texts.str.to_lowercase()
    if role not in ("email", "url", "username") and fraction(cased) > _MOSTLY:
        if fraction(texts == texts.str.to_uppercase()) > 0.9:
            style["case"] = "upper"
        elif fraction(texts == texts.str.to_lowercase()) > 0.9:
            style["case"] = "lower"
    if role == "name":
        if fraction(texts.str.contains(",", literal=True)) > _MOSTLY:
            style["order"] = "last, first"
        if fraction(texts.str.contains(r"\s")) < _MOSTLY:
            style["between"] = ""
    if role == "username":
        joints = {c: fraction(texts.str.contains(c, literal=True)) for c in "._-"}
        best = max(joints, key=lambda c: joints[c])
        style |= {"joint": best} if joints[best] > 0.3 else {}
    if role == "email":
        style["domains"] = str(min(texts.str.replace("^.*@", "").n_unique(), MAX_DOMAINS))
    if role == "url":
        www = fraction(texts.str.contains(r"^(https?://)?www\.")) > _MOSTLY
        scheme = "https://" if fraction(texts.str.starts_with("https")) > _MOSTLY else "http://"
        scheme = scheme if fraction(texts.str.contains("://", literal=True)) > _MOSTLY else ""
        style["start"] = scheme + ("www." if www else "")
    if role == "company" and distinct > _MOSTLY:
        style["unique"] = "yes"
    if role in ("street", "address") and fraction(texts.str.contains(r"\d")) > _MOSTLY:
        style["number"] = "first" if fraction(texts.str.contains(r"^\s*\d")) > _MOSTLY else "last"
    if role == "address":
        style["parts"] = "\n" if fraction(texts.str.contains("\n", literal=True)) > 0.5 else ", "
    return style


def cased(text: str, style: dict[str, str]) -> str:
    """The text in the case of the style."""
    case = style.get("case")
    return text.upper() if case == "upper" else text.lower() if case == "lower" else text


def name_parts(name: str) -> tuple[str, str]:
    """First and last name of a full name, without titles.

    >>> name_parts("Prof. Ana Maria Lund"), name_parts("Lund, Ana")
    (('Ana', 'Lund'), ('Ana', 'Lund'))
    >>> name_parts("Dipl.-Ing. Ingrid Maier"), name_parts("Drake Ott")
    (('Ingrid', 'Maier'), ('Drake', 'Ott'))
    """
    if "," in name:
        last, _, first = name.partition(",")
        return (first.split() or [""])[0], last.strip()
    parts = _DEGREES.sub("", _TITLES.sub("", name.strip())).split() or [""]
    return parts[0], parts[-1]
