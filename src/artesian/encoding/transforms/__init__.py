"""Reversible changes of columns before encoding; the catalog lists them in the order of application."""

from artesian.core.catalog import Catalog

TRANSFORMS = Catalog(
    "transform",
    {
        "joint time": ".joint_time:JointTime",
        "joint entity": ".joint_entity:JointEntity",
        "composed keys": ".composed_keys:ComposedKeys",
        "key parts": ".key_parts:KeyParts",
        "templates": ".templates:Templates",
        "granularity": ".granularity:Granularity",
        "labels": ".labels:Labels",
        "group values": ".group_values:GroupValues",
        "running": ".running:Running",
        "sequences": ".sequences:Sequences",
        "relations": ".relations:RelationSteps",
        "date grains": ".date_grains:DateGrains",
        "distinct": ".distinct:Distinct",
        "entities": ".entities:Entities",
        "calendar": ".calendar:Calendar",
    },
    __name__,
)
