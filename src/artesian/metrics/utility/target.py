"""Choice of the target column, if none is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.data.schema import Schema
from artesian.metrics.common.class_codes import TARGET_NAMES, named_as_target
from artesian.metrics.common.encoding import DISCRETE, Encoded
from artesian.metrics.protocol import NotMeasurable

MAX_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Target:
    """A target column.

    Attributes:
        classes: Whether it has classes rather than numbers.
        reason: Why it was chosen, for the explanation.
    """

    name: str
    classes: bool
    reason: str


def find_target(encoded: Encoded, schema: Schema) -> Target:
    """Choose the target: that of the schema, else a column with a typical name ('income', 'label',
    ...), else the last column with 2 to 20 classes, else the last number.

    Raises:
        NotMeasurable: there is none.
    """
    if schema.event is not None:
        raise NotMeasurable(
            f"the target {schema.target!r} is a time until {schema.event!r}: see the survival "
            "metric"
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
                    f"the target {column.name!r} has {distinct} classes, not 2 to {MAX_CLASSES}"
                )
        else:
            numbers.append(column.name)
    usable_names = {*classes, *numbers}
    usable = [column.name for column in encoded.columns if column.name in usable_names]
    if schema.target is not None:
        if schema.target not in usable:
            kind = schema[schema.target].kind.value
            raise NotMeasurable(
                f"the target {schema.target!r} is a {kind} column, which cannot be predicted"
            )
        return Target(schema.target, schema.target in classes, "the target of the schema")
    for names in TARGET_NAMES:  # within a group, the last column in table order
        for name in reversed(usable):
            if named_as_target(name, names):
                return Target(name, name in classes, "chosen by its name")
    if classes:
        return Target(classes[-1], True, "chosen as the last column with few classes")
    if numbers:
        return Target(numbers[-1], False, "chosen as the last number")
    raise NotMeasurable("there is no column to predict")
