"""Synthesizers. To add one: its file here, its line in CATALOG, its own test."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "synthesizer",
    {
        "trees": ".sequential.trees:Trees",
        "boosted": ".sequential.boosted:Boosted",
        "marginals": ".marginals:Marginals",
    },
    package="artesian.synthesizers",
)
