"""Reversible changes of columns before encoding; the catalog lists them in the order of application."""

from artesian.core.catalog import Catalog

TRANSFORMS = Catalog(
    "transform",
    {
        "labels": ".labels:Labels",
        "relations": ".relations:RelationSteps",
        "entities": ".entities:Entities",
    },
    __name__,
)
