"""Infer the locale of values from dialling codes, postcodes, street names, names and script."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import polars as pl

from artesian.data.inference.word_lists import LOCALES, first_names, fold, last_names

DEFAULT = "en_US"
SAMPLE = 500
_ENOUGH = 0.2

_DIALLED = {
    "1": "en_US", "7": "ru_RU", "30": "el_GR", "31": "nl_NL", "32": "nl_BE", "33": "fr_FR",
    "34": "es_ES", "36": "hu_HU", "39": "it_IT", "40": "ro_RO", "41": "de_CH", "43": "de_AT",
    "44": "en_GB", "45": "da_DK", "46": "sv_SE", "47": "no_NO", "48": "pl_PL", "49": "de_DE",
    "52": "es_MX", "54": "es_AR", "55": "pt_BR", "61": "en_AU", "64": "en_NZ", "81": "ja_JP",
    "82": "ko_KR", "86": "zh_CN", "90": "tr_TR", "91": "en_IN", "351": "pt_PT", "353": "en_IE",
    "358": "fi_FI", "380": "uk_UA", "420": "cs_CZ", "421": "sk_SK", "972": "he_IL",
}  # fmt: skip
_STATES = {
    "us": "en_US", "gb": "en_GB", "uk": "en_GB", "de": "de_DE", "at": "de_AT", "ch": "de_CH",
    "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "se": "sv_SE", "nl": "nl_NL", "be": "nl_BE",
    "pl": "pl_PL", "br": "pt_BR", "pt": "pt_PT", "jp": "ja_JP", "dk": "da_DK", "no": "no_NO",
    "fi": "fi_FI", "cz": "cs_CZ", "hu": "hu_HU", "ro": "ro_RO", "gr": "el_GR", "tr": "tr_TR",
    "ie": "en_IE", "ru": "ru_RU", "kr": "ko_KR", "cn": "zh_CN", "mx": "es_MX", "au": "en_AU",
}  # fmt: skip
_POSTCODES = {
    "en_GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "en_CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "nl_NL": r"\d{4} ?[A-Z]{2}",
    "pl_PL": r"\d{2}-\d{3}",
    "pt_BR": r"\d{5}-\d{3}",
    "pt_PT": r"\d{4}-\d{3}",
    "ja_JP": r"〒?\d{3}-\d{4}",
    "sv_SE": r"\d{3} \d{2}",
    "en_US": r"\d{5}-\d{4}",
}
STREETS = {
    "en_US": r"\b(street|st|avenue|ave|road|rd|lane|ln|drive|dr|blvd|court|ct|terrace|highway|hwy"
    r"|parkway|pkwy|circle|crescent|mews|close)\b",
    "de_DE": r"(stra(ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer)( |,|$)",
    "fr_FR": r"\b(rue|boulevard|chemin|allée|impasse|quai|route|cours|avenue de|place d)\b",
    "es_ES": r"\b(calle|avenida|avda|plaza|paseo|camino|ronda|pasadizo|cuesta|glorieta)\b|\bc/",
    "it_IT": r"\b(via|viale|piazza|corso|vicolo|strada|contrada|borgo|piazzale|rotonda)\b",
    "sv_SE": r"(gatan|vägen|gränd|torget|stigen|backen)\b",
    "nl_NL": r"(straat|laan|plein|gracht|kade|dijk|singel|steeg|baan)\b",
    "pl_PL": r"\b(ul\.|ulica|aleja|plac)( |$)",
    "pt_BR": r"\b(rua|travessa|alameda|praça|rodovia|viela|ladeira|jardim)\b",
    "da_DK": r"(gade|vej|stræde)\b",
    "fi_FI": r"(katu|tie|polku|kuja)\b",
    "ja_JP": r"(丁目|番|号|町)",
}
"""Words in street names by locale; case is ignored."""

COMPANIES = {
    "en_US": r"\b(inc|llc|corp|corporation|company|co|group|holdings|and sons|plc|llp)\b",
    "en_GB": r"\b(ltd|limited)\b",
    "de_DE": r"\b(gmbh|ag|kg|ohg|e\.? ?v|ug|kgaa|gbr)\b",
    "fr_FR": r"\b(sarl|sas|s\.a\.r\.l|sa|et fils)\b",
    "es_ES": r"\b(s\.l|s\.l\.u|s\.a|slu|s\. ?coop|e hijos)\b",
    "it_IT": r"\b(s\.p\.a|spa|s\.r\.l|srl|s\.n\.c|e figli)\b",
    "sv_SE": r"\b(ab|hb|aktiebolag)\b",
    "nl_NL": r"\b(b\.v|bv|n\.v|nv|v\.o\.f)\b",
    "pl_PL": r"(sp\. ?z ?o\.? ?o|spółka|s\.k\.a)",
    "pt_BR": r"\b(ltda|eireli|s/a|e filhos)\b",
    "da_DK": r"\b(a/s|aps)\b",
    "fi_FI": r"\b(oy|oyj)\b",
    "ja_JP": r"(株式会社|有限会社|合同会社)",
}
"""Words at the end (or start) of company names by locale; case is ignored."""

_SCRIPTS = {
    "ja_JP": r"[\u3041-\u30ff]",
    "ko_KR": r"[\uac00-\ud7a3]",
    "zh_CN": r"[\u4e00-\u9fff]",
    "uk_UA": r"[іїєґІЇЄҐ]",
    "ru_RU": r"[\u0400-\u04ff]",
    "el_GR": r"[\u0370-\u03ff]",
    "he_IL": r"[\u0590-\u05ff]",
    "ar_AA": r"[\u0600-\u06ff]",
    "th_TH": r"[\u0e00-\u0e7f]",
    "hi_IN": r"[\u0900-\u097f]",
}


def locale_of(values: pl.Series | Sequence[str], role: str) -> str:
    """The Faker locale of the values of a role; 'en_US' without evidence."""
    return locale_of_all([(values, role)])


def locale_of_all(columns: Iterable[tuple[pl.Series | Sequence[str], str]]) -> str:
    """The common locale of several columns (values, role) of the same people."""
    total: dict[str, float] = defaultdict(float)
    for values, role in columns:
        for locale, fraction in _scores(_sample(values), role).items():
            total[locale] += fraction
    best = max(total, key=lambda locale: (total[locale], locale == DEFAULT), default=DEFAULT)
    return best if total.get(best, 0.0) >= _ENOUGH else DEFAULT


def _sample(values: pl.Series | Sequence[str]) -> list[str]:
    series = values if isinstance(values, pl.Series) else pl.Series(list(values), dtype=pl.String)
    series = series.drop_nulls()
    return series.gather_every(max(len(series) // SAMPLE, 1)).cast(pl.String).to_list()


def _scores(texts: list[str], role: str) -> dict[str, float]:
    """Locale -> fraction of the values that support it."""
    if not texts:
        return {}
    if role == "phone":
        return _votes(texts, _dialled)
    if role in ("email", "url", "username"):
        states = _votes(texts, lambda t: _STATES.get(_host(t).rpartition(".")[2].lower(), ""))
        parts = [re.sub(r"[\W\d_]+", " ", text.partition("@")[0]) for text in texts]
        return states if states or role == "url" else _named(parts, "name")
    if role == "iban":
        return _votes(texts, lambda t: _STATES.get(t[:2].lower(), ""))
    if role == "postcode":
        return _matched(texts, {k: f"^{v}$" for k, v in _POSTCODES.items()})
    scripts = _script(texts)
    if "zh_CN" in scripts and role.endswith("name") and _named(texts, role).get("ja_JP", 0) > 0.3:
        return {"ja_JP": 1.0}  # names in Japan are mostly written without kana
    if scripts:
        return scripts
    if role in ("street", "address"):
        return _matched(texts, STREETS)
    if role == "company":
        return _matched(texts, COMPANIES)
    if role in ("name", "first_name", "last_name"):
        return _named(texts, role)
    return {}


def _votes(texts: list[str], vote: Callable[[str], str]) -> dict[str, float]:
    votes = Counter(vote(text) for text in texts)
    votes.pop("", None)
    return {locale: n / len(texts) for locale, n in votes.items()}


def _dialled(text: str) -> str:
    match = re.match(r"\s*(?:\+|00)[ (]*(\d[\d ().-]*)", text)
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return next((_DIALLED[digits[:n]] for n in (3, 2, 1) if digits[:n] in _DIALLED), "")


def _host(text: str) -> str:
    return re.split(r"[/:?#]", re.sub(r"^.*(@|://)", "", text))[0]


def _matched(texts: list[str], patterns: dict[str, str]) -> dict[str, float]:
    """Each text votes for all patterns it matches, with equal parts of one vote."""
    compiled = {locale: re.compile(p, re.IGNORECASE) for locale, p in patterns.items()}
    total: dict[str, float] = defaultdict(float)
    for text in texts:
        hits = [locale for locale, pattern in compiled.items() if pattern.search(text)]
        for locale in hits:
            total[locale] += 1 / len(hits)
    return {locale: n / len(texts) for locale, n in total.items()}


def _script(texts: list[str]) -> dict[str, float]:
    for locale, pattern in _SCRIPTS.items():  # kana before Han: Japanese has both
        fraction = sum(bool(re.search(pattern, text)) for text in texts) / len(texts)
        if fraction > (0.05 if locale in ("ja_JP", "uk_UA") else 0.5):
            return {locale: 1.0}
    return {}


def _named(texts: list[str], role: str) -> dict[str, float]:
    """Each name votes for the locales that have it, with equal parts of one vote."""
    total: dict[str, float] = defaultdict(float)
    for text in texts:
        last, comma, first = text.partition(",")  # 'Vogel, Lena' is Lena Vogel
        parts = fold(f"{first} {last}" if comma else text).split()
        if not parts:
            continue
        lists = {"first_name": (first_names,), "last_name": (last_names,)}
        hits: list[str] = []
        for names_of in lists.get(role, (first_names, last_names)):
            part = parts[0] if names_of is first_names else parts[-1]
            hits += [locale for locale in LOCALES if part in names_of(locale)]
        for locale in hits:
            total[locale] += 1 / len(hits)
    return {locale: n / len(texts) for locale, n in total.items()}
