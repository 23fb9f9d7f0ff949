"""Synthesizers by name. Adding one takes its file, its line in CATALOG, and its test."""

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
