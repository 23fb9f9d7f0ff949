"""The patterns that a text with a date, a time or a duration may have, the likelier first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from artesian.data.formatting.times import EPOCH, EPOCH_MS, ERAS

_YEAR = r"(?:19|20)\d\d"
_ERA = rf"(?:{'|'.join(ERAS)})(?:\d{{1,2}}|元)"
_WORD = r"[A-Za-z]{3,9}"
_DATE = (
    r"(?P<iso>\d{4}(?P<is>[-/.])\d{1,2}(?P=is)\d{1,2})"
    r"|(?P<num>\d{1,2}(?P<ns>[-/.])\d{1,2}(?P=ns)(?:\d{4}|\d{2}))"
    rf"|(?P<dmon>\d{{1,2}}(?P<ds>[-/ ]|\. ){_WORD}(?P<de>\.|,)?[-/ ](?:\d{{4}}|\d{{2}}))"
    rf"|(?P<mond>{_WORD} \d{{1,2}},? \d{{4}})"
    rf"|(?P<week>{_YEAR}[- ]?W\d\d(?P<wday>-[1-7])?)"
    rf"|(?P<cjk>(?:{_YEAR}|{_ERA})[年년] ?\d{{1,2}}[月월] ?\d{{1,2}}[日일])"
    rf"|(?P<packed>\d{{4,14}})"
)
_PERIOD = (
    rf"(?P<cym>{_YEAR}[年년] ?\d{{1,2}}[月월])|"
    rf"(?P<ym>{_YEAR}(?P<ys>[-/.])(?:0[1-9]|1[0-2]))"
    rf"|(?P<my>(?P<mp>0?[1-9]|1[0-2])(?P<ms>[-/.]){_YEAR})"
    rf"|(?P<mony>{_WORD}(?P<ma>\.?,?)(?P<mo>[-/ ])(?P<mn>{_YEAR}|'?\d\d))"
    rf"|(?P<ymon>{_YEAR}(?P<yo>[-/ ]){_WORD})"
    rf"|(?P<yq>{_YEAR}(?P<qs>[-/ ]?)Q[1-4])"
    rf"|(?P<qy>Q[1-4](?P<qt>[-/ ]?){_YEAR})"
    rf"|(?P<nq>[1-4]Q(?P<qu>[-/ ]?){_YEAR})"
)
_TIME = r"(?P<hm>\d{1,2}:\d{2})(?P<s>:\d{2})?(?P<f>\.\d{1,9})?(?P<ap> ?[AaPp][Mm])?"
_ZONE = r"(?P<zone>Z| ?[+-]\d{2}:?\d{2}| (?:UTC|GMT|[A-Z]{3,4}))?"
_WHOLE = re.compile(
    rf"(?P<wd>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*(?P<wc>,? ))?"
    rf"(?:(?:{_DATE})(?:(?P<sep>[T ]|, |:){_TIME}{_ZONE})?"
    rf"|(?P<only>{_TIME.replace('?P<', '?P<o')})|{_PERIOD})"
)
_ISO_SPAN = re.compile(r"P(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
_SPAN = re.compile(
    r"(?:(?P<d>\d+)(?P<dt> ?d(?:ays?)?,? ?))?(?:(?P<h>\d+)(?P<ht> ?h(?:ours?|rs?)?,? ?))?"
    r"(?:(?P<m>\d+)(?P<mt> ?m(?:in(?:utes?|s)?)?,? ?))?(?:(?P<s>\d+)(?P<st> ?s(?:ec(?:onds?|s)?)?))?"
)
_CLOCK = re.compile(r"\d+:[0-5]\d(?P<s>:[0-5]\d)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

PACKED = {
    4: ("%H%M",),
    6: ("%Y%m", "%y%m%d", "%d%m%y", "%m%d%y", "%H%M%S"),
    8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"),
    10: (EPOCH,),
    12: ("%Y%m%d%H%M",),
    13: (EPOCH_MS,),
    14: ("%Y%m%d%H%M%S",),
}
"""Patterns of digits without separators, by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForm:
    """What texts written in the same way share.

    Attributes:
        patterns: The patterns that such a text may have.
        packed: Digits without separators, which are times only if there is evidence.
        zone: The offset or name of the zone as written; '' for none.
        digits: Number of digits of fractions of a second.
    """

    patterns: tuple[str, ...]
    packed: bool = False
    zone: str = ""
    digits: int = 0


@lru_cache(maxsize=4096)
def time_form(text: str) -> TimeForm | None:
    """The form of a text; None if it is no time."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return _span(text)
    fraction = match["f"] or match["of"] or ""
    digits = max(len(fraction) - 1, 0)
    if match["only"]:
        span = _span(text)  # hours and minutes, which may be a duration
        spans = span.patterns if span is not None else ()
        return TimeForm(patterns=(_time(match, "o"), *spans), digits=digits)
    if match["packed"]:
        if match["sep"] or match["wd"] or len(text) not in PACKED:
            return None
        return TimeForm(patterns=PACKED[len(text)], packed=True)
    dates = _dates(match) or _periods(match)
    if not dates:
        return None
    zone = (match["zone"] or "") if match["hm"] else ""
    tail = match["sep"] + _time(match, "") + _zone(zone) if match["hm"] else ""
    weekday = ""
    if match["wd"]:
        weekday = ("%a" if len(match["wd"].rstrip(", ")) == 3 else "%A") + match["wc"]
    patterns = tuple(weekday + date + tail for date in dates)
    return TimeForm(patterns=patterns, zone=zone.strip(), digits=digits)


def _zone(written: str) -> str:
    if not written or (written[-1].isalpha() and written != "Z"):
        return written  # a name, kept as it is
    return (" " if written.startswith(" ") else "") + "%#z"


def _dates(match: re.Match[str]) -> tuple[str, ...]:
    if match["iso"]:
        return (match["is"].join(("%Y", "%m", "%d")),)
    if match["cjk"]:
        return (_eastern(match["cjk"]),)
    if match["week"]:
        between = match["week"][4:].partition("W")[0]
        return (f"%G{between}W%V" + ("-%u" if match["wday"] else ""),)
    if match["mond"]:
        comma = "," if "," in match["mond"] else ""
        return tuple(f"{month} %d{comma} %Y" for month in _month(match["mond"]))
    if match["dmon"]:
        year = "%Y" if re.search(r"\d{4}$", match["dmon"]) else "%y"
        last = match["dmon"].removesuffix(re.findall(r"\d+$", match["dmon"])[0])[-1]
        end = (match["de"] or "") + last
        return tuple(f"%d{match['ds']}{month}{end}{year}" for month in _month(match["dmon"]))
    return _numeric(match) if match["num"] else ()


def _numeric(match: re.Match[str]) -> tuple[str, ...]:
    separator, text = match["ns"], match["num"]
    long = re.search(r"\d{4}$", text) is not None
    # Version numbers look like 1.2.33 too; dates of that form have two digits in each part.
    if not long and separator == "." and not re.fullmatch(r"\d\d\.\d\d\.\d\d", text):
        return ()
    year = "%Y" if long else "%y"
    orders = [("%m", "%d", year), ("%d", "%m", year)]
    if separator != "/":
        orders.reverse()  # dots and dashes are European, slashes mostly American
    return tuple(separator.join(order) for order in orders)


def _eastern(text: str) -> str:
    """The pattern of 2021年11月3日 or 2021년 11월 3일, with or without the day."""
    fields = iter(("%Y", "%m", "%d"))
    text = re.sub(_ERA, lambda _: next(fields).replace("Y", "EY"), text)
    return re.sub(r"\d+", lambda _: next(fields), text)


def _periods(match: re.Match[str]) -> tuple[str, ...]:
    """Patterns of months and quarters."""
    if match["cym"]:
        return (_eastern(match["cym"]),)
    if match["ym"]:
        return (f"%Y{match['ys']}%m",)
    if match["my"]:
        return (f"%m{match['ms']}%Y",)
    if match["mony"]:
        year = "%Y" if len(match["mn"]) == 4 else "'%y" if match["mn"][0] == "'" else "%y"
        return tuple(f"{m}{match['ma']}{match['mo']}{year}" for m in _month(match["mony"]))
    if match["ymon"]:
        return tuple(f"%Y{match['yo']}{m}" for m in _month(match["ymon"]))
    if match["yq"]:
        return (f"%Y{match['qs']}Q%q",)
    if match["qy"]:
        return (f"Q%q{match['qt']}%Y",)
    return (f"%qQ{match['qu']}%Y",) if match["nq"] else ()


def _month(text: str) -> tuple[str, ...]:
    """How the month may be written; none if the word is no English month."""
    word = re.sub(r"[^A-Za-z]", "", text).lower()
    if word[:3] not in _MONTHS:
        return ()
    return ("%b", "%B") if word == "may" else ("%b",) if len(word) == 3 else ("%B",)


def _time(match: re.Match[str], prefix: str) -> str:
    half = match[f"{prefix}ap"] or ""
    pattern = ("%I" if half else "%H") + ":%M" + (":%S" if match[f"{prefix}s"] else "")
    if half:
        pattern += " " * half.count(" ") + ("%P" if half.strip().islower() else "%p")
    return pattern


def _span(text: str) -> TimeForm | None:
    """The form of a duration."""
    if text.startswith("P") and len(text) > 2 and _ISO_SPAN.fullmatch(text):
        if "." in text:
            return TimeForm(patterns=("iso",))
        return TimeForm(patterns=(re.sub(r"\d+([DHMS])", _braced, text), "iso"))
    if clock := _CLOCK.fullmatch(text):
        return TimeForm(patterns=("{h}:{m:02}" + (":{s:02}" if clock["s"] else ""),))
    match = _SPAN.fullmatch(text)
    # A single number with a unit is a number.
    if match is None or sum(match[unit] is not None for unit in "dhms") < 2:
        return None
    parts = [(unit, match[unit], match[f"{unit}t"]) for unit in "dhms" if match[unit] is not None]
    written = [number for _, number, _ in parts[1:]]
    patterns = []
    for width in ("", ":02"):  # '5h 07m', '5h 7m', or '5h 12m', which may be either
        padded = all(len(number) == 2 for number in written)
        zeros = any(len(number) > 1 and number[0] == "0" for number in written)
        if padded if width else not zeros:
            widths = ("", *(width for _ in written))
            patterns.append(
                "".join(f"{{{u}{w}}}{rest}" for (u, _, rest), w in zip(parts, widths, strict=True))
            )
    return TimeForm(patterns=tuple(patterns)) if patterns else None


def _braced(match: re.Match[str]) -> str:
    return "{" + match[1].lower() + "}" + match[1]
