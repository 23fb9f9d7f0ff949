"""Reversible changes of columns before encoding; the catalog lists them in the order of application."""

from artesian.core.catalog import Catalog

TRANSFORMS = Catalog("transform", {"relations": ".relations:RelationSteps"}, __name__)
