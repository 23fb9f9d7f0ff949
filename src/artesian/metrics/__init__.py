"""Metrics. To add one: its file here, its line in CATALOG, its own test."""

from collections.abc import Iterable

from artesian.core.catalog import Catalog
from artesian.core.errors import UsageError, did_you_mean

CATALOG = Catalog(
    "metric",
    {
        "ks": "artesian.metrics.fidelity.ks:KS",
        "tv": "artesian.metrics.fidelity.tv:TV",
        "pairs": "artesian.metrics.fidelity.pairs:Pairs",
        "wasserstein": "artesian.metrics.fidelity.wasserstein:Wasserstein",
        "jensen_shannon": "artesian.metrics.fidelity.shares:JensenShannon",
        "hellinger": "artesian.metrics.fidelity.shares:Hellinger",
        "range_coverage": "artesian.metrics.fidelity.coverage:RangeCoverage",
        "category_coverage": "artesian.metrics.fidelity.coverage:CategoryCoverage",
        "missingness": "artesian.metrics.fidelity.missingness:Missingness",
        "correlations": "artesian.metrics.fidelity.correlations:Correlations",
        "mutual_information": "artesian.metrics.fidelity.correlations:MutualInformation",
        "rare_categories": "artesian.metrics.fidelity.rare_categories:RareCategories",
        "tail_mass": "artesian.metrics.fidelity.tail_mass:TailMass",
        "c2st_holdout": "artesian.metrics.fidelity.c2st:C2STHoldout",
        "c2st_logistic": "artesian.metrics.fidelity.c2st_logistic:C2STLogistic",
        "mmd": "artesian.metrics.fidelity.mmd:MMD",
        "precision": "artesian.metrics.fidelity.manifold:Precision",
        "recall": "artesian.metrics.fidelity.manifold:Recall",
        "density": "artesian.metrics.fidelity.manifold:Density",
        "coverage": "artesian.metrics.fidelity.manifold:Coverage",
        "alpha_precision": "artesian.metrics.fidelity.alpha:AlphaPrecision",
        "beta_recall": "artesian.metrics.fidelity.alpha:BetaRecall",
        "validity": "artesian.metrics.validity.valid_rows:Validity",
        "tstr": "artesian.metrics.utility.tstr:TSTR",
        "tstr_linear": "artesian.metrics.utility.tstr:TSTRLinear",
        "tstr_groups": "artesian.metrics.utility.tstr_groups:TSTRGroups",
        "train_on_both": "artesian.metrics.utility.train_on_both:TrainOnBoth",
        "survival": "artesian.metrics.utility.survival:Survival",
        "feature_ranking": "artesian.metrics.utility.feature_ranking:FeatureRanking",
        "model_ranking": "artesian.metrics.utility.model_ranking:ModelRanking",
        "coefficients": "artesian.metrics.utility.coefficients:Coefficients",
        "membership_average": "artesian.metrics.privacy.membership:MembershipAverage",
        "membership_outliers": "artesian.metrics.privacy.membership:MembershipOutliers",
        "attribute_inference": "artesian.metrics.privacy.attribute_inference:AttributeInference",
        "linkability": "artesian.metrics.privacy.linkability:Linkability",
        "singling_out": "artesian.metrics.privacy.singling_out:SinglingOut",
        "rare_replay": "artesian.metrics.privacy.rare_replay:RareReplay",
        "dcr_share": "artesian.metrics.privacy.dcr:DCRShare",
        "authenticity": "artesian.metrics.privacy.authenticity:Authenticity",
        "near_copies": "artesian.metrics.privacy.nearest:NearCopies",
        "nndr": "artesian.metrics.privacy.nearest:NNDR",
        "identifiability": "artesian.metrics.privacy.nearest:Identifiability",
        "k_anonymity": "artesian.metrics.privacy.classes:KAnonymity",
        "l_diversity": "artesian.metrics.privacy.classes:LDiversity",
        "t_closeness": "artesian.metrics.privacy.classes:TCloseness",
        "exact_copies": "artesian.metrics.privacy.copies:ExactCopies",
        "demographic_parity": "artesian.metrics.fairness.gaps:DemographicParity",
        "equalized_odds": "artesian.metrics.fairness.gaps:EqualizedOdds",
        "subgroup_calibration": "artesian.metrics.fairness.gaps:SubgroupCalibration",
        "representation": "artesian.metrics.fairness.representation:Representation",
    },
)

SHORT = {"c2st": "c2st_holdout", "dcr": "dcr_share", "copies": "exact_copies"}
"""Short names that people type; the scorecard always has the full ones."""


def chosen(words: str | Iterable[str] | None) -> tuple[str, ...]:
    """Metrics by name, short name or family; all of the catalog for None or 'all'; for 'quick' all
    but those that take seconds.

    Args:
        words: Several may stand in one text with commas between them.

    Raises:
        UsageError: there is no such metric or family.

    >>> chosen("c2st,utility")
    ('c2st_holdout', 'tstr')
    """
    if words is None:
        return tuple(CATALOG)
    texts = [words] if isinstance(words, str) else list(words)
    families = {make.spec.family for make in CATALOG.values()}
    found: list[str] = []
    for word in (part.strip() for text in texts for part in text.split(",")):
        if word == "all":
            found += CATALOG
        elif word == "quick":
            found += [name for name in CATALOG if not CATALOG[name].spec.thorough]
        elif word in families:
            found += [name for name in CATALOG if CATALOG[name].spec.family == word]
        else:
            found.append(full_name(word))
    return tuple(dict.fromkeys(found))


def full_name(name: str) -> str:
    """The catalog's name for what was typed.

    Raises:
        UsageError: there is no such metric.

    >>> full_name("c2st")
    'c2st_holdout'
    """
    full = SHORT.get(name, name)
    if full not in CATALOG:
        raise UsageError(f"there is no metric {name!r}", hint=did_you_mean(name, CATALOG))
    return full
