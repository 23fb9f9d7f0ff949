"""Synthesizers. To add one: its file here, its line in CATALOG, its own test."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "synthesizer",
    {
        "trees": "artesian.synthesizers.trees:Trees",
        "boosted": "artesian.synthesizers.boosted:Boosted",
        "marginals": "artesian.synthesizers.marginals:Marginals",
    },
)
