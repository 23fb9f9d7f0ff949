"""Model collapse: laboratory experiments with theory beside them, and the stress test of a pipeline.

Each generation is fitted on rows that earlier generations sampled. `labs/` reproduces published
protocols; `stress/` runs a synthesizer, or an external command, on the user's own rows.
"""

from artesian.core.catalog import Catalog

LABS = Catalog(
    "laboratory experiment",
    {
        "gaussian": ".labs.gaussian:GaussianLab",
        "mixture": ".labs.mixture:MixtureLab",
        "categories": ".labs.categories:CategoriesLab",
        "vae": ".labs.vae:VaeLab",
        "language": ".labs.language:LanguageLab",
        "smollm2": ".labs.smollm2:SmolLM2Lab",
        "verifier": ".labs.verifier:VerifierLab",
    },
    package="artesian.collapse",
)
