"""Short closed vocabularies: sexes, answers, days of the week, months, seasons.

Like the two values of a boolean, they are public, so that all values of such a column may be released
however few rows have one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

VOCABULARIES: tuple[frozenset[str], ...] = tuple(
    frozenset(text.split())
    for text in (
        "m f x d u male female diverse other unknown non-binary",
        "m w d männlich weiblich divers unbekannt",
        "h f homme femme autre",
        "h m v hombre mujer otro varón",
        "m v man vrouw anders",
        "m k kvinna man annat kvinde mand",
        "yes no y n true false t f unknown maybe",
        "ja nein oui non sí si nee nej",
        "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday",
        "mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lunes martes miércoles jueves viernes sábado domingo",
        "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july"
        " august september october november december",
        "spring summer autumn fall winter",
    )
)


def are_public(values: Iterable[str]) -> bool:
    """Whether all values belong to one vocabulary.

    >>> are_public(["F", "M"]), are_public(["F", "asthma"])
    (True, False)
    """
    folded = {value.strip().casefold() for value in values}
    return bool(folded) and any(folded <= vocabulary for vocabulary in VOCABULARIES)
