"""Synthesizers by name. Adding one takes its file, its line in CATALOG, and its test."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "synthesizer",
    {
        "trees": ".sequential.trees:Trees",
        "boosted": ".sequential.boosted:Boosted",
        "marginals": ".marginals:Marginals",
        "gaussian_copula": ".copulas.gaussian_copula:GaussianCopula",
        "vine_copula": ".copulas.vine_copula:VineCopula",
        "gaussian_mixture": ".mixtures.gaussian_mixture:GaussianMixture",
        "adversarial_forest": ".forests.adversarial_forest:AdversarialForest",
        "forest_flow": ".forests.forest_flow:ForestFlow",
        "hierarchical_glm": ".bayesian.hierarchical_glm:HierarchicalGLM",
        "vae": ".deep.vae:Vae",
        "ctgan": ".deep.ctgan:Ctgan",
        "adsgan": ".deep.adsgan:Adsgan",
        "medgan": ".deep.medgan:Medgan",
        "bootstrap": ".controls.bootstrap:Bootstrap",
        "smote": ".controls.smote:Smote",
    },
    package="artesian.synthesizers",
)

RELATED = Catalog(
    "synthesizer of related tables",
    {"relational trees": ".relational.relational_trees:RelationalTrees"},
    package="artesian.synthesizers",
)
