"""Conditions on columns, as shares of codes: what `where` means to a method that draws codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from artesian.core.errors import ConditionError
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import Codec, ColumnCodec, column_of
from artesian.synthesizers.protocol import Range, Where


@dataclass(frozen=True, slots=True)
class Condition:
    """One column's condition.

    Attributes:
        codec: Decodes to admitted values only.
        weights: Share of each code that is admitted, shape (levels,), in [0, 1].
    """

    codec: ColumnCodec
    weights: Floats


def conditions_of(codec: Codec, where: Where | None) -> Mapping[str, Condition]:
    """Read `where` against the codec.

    Raises:
        SchemaError: a column is unknown.
        ConditionError: the column is made anew, or no admitted value can be given.
    """
    found = {}
    for name, wanted in (where or {}).items():
        column_of(codec, name)
        column_codec = codec.coded[name]
        restricted: tuple[ColumnCodec, Floats]
        try:
            if isinstance(wanted, Range):
                if isinstance(column_codec, CategoryCodec):
                    raise ConditionError(
                        "a range needs a number or a time", hint="list the categories instead"
                    )
                restricted = column_codec.restrict_range(wanted.low, wanted.high)
            else:
                listed = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
                restricted = column_codec.restrict_values(listed)
        except ConditionError as problem:
            raise ConditionError(f"{name}: {problem.problem}", hint=problem.hint) from problem
        if not restricted[1].any():
            raise ConditionError(
                f"{name}: the model gives no row with {wanted!r}", hint="widen the condition"
            )
        found[name] = Condition(*restricted)
    return found
