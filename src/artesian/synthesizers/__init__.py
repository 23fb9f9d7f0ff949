"""Synthesizers by name. Adding one takes its file, its line in CATALOG, and its test."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "synthesizer",
    {
        "trees": ".sequential.trees:Trees",
        "boosted": ".sequential.boosted:Boosted",
        "marginals": ".marginals:Marginals",
        "gaussian_copula": ".copulas.gaussian_copula:GaussianCopula",
        "gaussian_mixture": ".mixtures.gaussian_mixture:GaussianMixture",
    },
    package="artesian.synthesizers",
)
