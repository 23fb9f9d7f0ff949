"""Which column a model would predict, where nobody has said so."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from artesian.data.schema import Schema
from artesian.metrics.common.encoding import DISCRETE, Encoded
from artesian.metrics.protocol import NotMeasurable

MAX_CLASSES = 20

_TELLING = (
    *(("target",), ("label",), ("outcome",), ("response",), ("y",)),
    ("survived", "diagnosis", "churn", "fraud", "default"),
    ("income", "salary", "price", "class", "value"),
)
"""Last words of column names that are usually predicted, the surest first; of one group, the column
that stands last is taken."""


@dataclass(frozen=True, slots=True)
class Target:
    """The column, whether it is a class or a number, and in words why it was taken."""

    name: str
    classes: bool
    why: str


def find_target(encoded: Encoded, schema: Schema) -> Target:
    """The schema's target; else a column with a telling name ('income', 'price', 'label', ...);
    else the last one with 2 to 20 classes; else the last number. A reason if there is none.
    """
    if schema.event is not None:
        raise NotMeasurable(
            f"the target {schema.target!r} is a time until {schema.event!r}: see 'survival'"
        )
    classes, numbers = [], []
    for column in encoded.columns:
        if column.kind in DISCRETE:
            distinct = len(np.unique(encoded.real.codes[column.name]))
            distinct -= int((encoded.real.codes[column.name] < 0).any())
            if 2 <= distinct <= MAX_CLASSES:
                classes.append(column.name)
            elif column.name == schema.target:
                raise NotMeasurable(
                    f"the target {column.name!r} has not 2 to {MAX_CLASSES} classes, but {distinct}"
                )
        else:
            numbers.append(column.name)
    known = {*classes, *numbers}
    usable = [column.name for column in encoded.columns if column.name in known]
    if schema.target is not None:
        if schema.target not in usable:
            kind = schema[schema.target].kind.value
            raise NotMeasurable(
                f"the target {schema.target!r} is a {kind} column, which cannot be predicted"
            )
        return Target(schema.target, schema.target in classes, "named in the schema")
    for words in _TELLING:
        for name in reversed(usable):
            if re.split(r"[^a-z0-9]+", name.lower())[-1] in words:
                return Target(name, name in classes, "chosen by its name")
    if classes:
        return Target(classes[-1], True, "chosen as the last column with few classes")
    if numbers:
        return Target(numbers[-1], False, "chosen as the last number")
    raise NotMeasurable("there is no column to predict")
