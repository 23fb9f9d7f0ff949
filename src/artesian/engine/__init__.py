"""Where work runs: processes of this machine, or a Ray cluster. Never a scheduler of our own."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "engine",
    {
        "local": "artesian.engine.local:Local",
        "ray": "artesian.engine.on_ray:OnRay",
    },
)
