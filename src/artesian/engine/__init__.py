"""Engines: run tasks in processes of this machine or on a Ray cluster."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "engine",
    {
        "local": "artesian.engine.local:Local",
        "ray": "artesian.engine.on_ray:OnRay",
    },
)
