"""Values of groups of categories, such as the rank of a pupil in a class, in complete synthetic rows.

The rows of an entity are sampled together, those of a category or a label are not: what follows from
all of them is computed when they are complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from artesian.data.plain_names import pattern_names
from artesian.data.row_groups import repeating_ids
from artesian.data.table import Table
from artesian.encoding.transforms.meters import decimals_of
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.group_values import GroupValue
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.search.group_values import group_values
from artesian.runs.series_totals import keeps_relations, with_relations


def with_group_totals(synthetic: Table, source: Table) -> Table:
    """The synthetic rows with what follows from all rows of a category, where it does in the source.

    A value from which other columns are computed remains as it was sampled.

    Args:
        source: All rows: in a part of them the last rank of a class may be missing.
    """
    names = source.schema.names
    patterns = pattern_names(names)
    if patterns:  # which no relation can name
        source = source.select(tuple(name for name in names if name not in patterns))
    if source.schema.relations is None:
        relations: Iterable[Relation] = group_values(source)
    else:
        relations = relations_of(source.schema.relations, names)
    ids = repeating_ids(source)
    for one in relations:
        # The first time of a group is modelled, and times since then are not computed from all rows.
        if (
            isinstance(one, GroupValue)
            and one.group not in ids
            and not one.function.startswith("since")
        ):
            frame = synthetic.frame
            if not one.holds(frame).fill_null(True).all():
                form = Hidden(frame.schema[one.target], decimals_of(source.frame[one.target]))
                values = form.series(one.target, one.compute(frame))
                changed = replace(synthetic, frame=frame.with_columns(values))
                if not keeps_relations(synthetic, changed, {one.target}):
                    continue
                synthetic = changed
            synthetic = with_relations(synthetic, [one])
    return synthetic
