"""The catalog of metrics. Adding a metric touches its module, its line in CATALOG, and its test."""

from collections.abc import Iterable

from artesian.core.catalog import Catalog
from artesian.core.errors import UsageError, did_you_mean

CATALOG = Catalog(
    "metric",
    {
        "ks": ".fidelity.ks:KS",
        "tv": ".fidelity.tv:TV",
        "pairs": ".fidelity.pairs:Pairs",
        "marginals_3way": ".fidelity.marginals_3way:Marginals3Way",
        "wasserstein": ".fidelity.wasserstein:Wasserstein",
        "jensen_shannon": ".fidelity.divergences:JensenShannon",
        "hellinger": ".fidelity.divergences:Hellinger",
        "range_coverage": ".fidelity.coverage:RangeCoverage",
        "category_coverage": ".fidelity.coverage:CategoryCoverage",
        "missingness": ".fidelity.missingness:Missingness",
        "correlations": ".fidelity.correlations:Correlations",
        "mutual_information": ".fidelity.correlations:MutualInformation",
        "rare_categories": ".fidelity.rare_categories:RareCategories",
        "tail_mass": ".fidelity.tail_mass:TailMass",
        "c2st_holdout": ".fidelity.c2st:C2STHoldout",
        "c2st_logistic": ".fidelity.c2st_logistic:C2STLogistic",
        "mmd": ".fidelity.mmd:MMD",
        "precision": ".fidelity.manifold:Precision",
        "recall": ".fidelity.manifold:Recall",
        "density": ".fidelity.manifold:Density",
        "coverage": ".fidelity.manifold:Coverage",
        "clipped_density": ".fidelity.clipped:ClippedDensity",
        "clipped_coverage": ".fidelity.clipped:ClippedCoverage",
        "alpha_precision": ".fidelity.alpha_precision:AlphaPrecision",
        "beta_recall": ".fidelity.alpha_precision:BetaRecall",
        "validity": ".validity.valid_rows:Validity",
        "relations": ".validity.relations:Relations",
        "tstr": ".utility.tstr:TSTR",
        "tstr_linear": ".utility.tstr:TSTRLinear",
        "tstr_groups": ".utility.tstr_groups:TSTRGroups",
        "train_on_both": ".utility.train_on_both:TrainOnBoth",
        "survival": ".utility.survival:Survival",
        "global_utility": ".utility.global_utility:GlobalUtility",
        "feature_ranking": ".utility.feature_ranking:FeatureRanking",
        "model_ranking": ".utility.model_ranking:ModelRanking",
        "coefficients": ".utility.coefficients:Coefficients",
        "membership_worst": ".privacy.attacks.membership_strongest:MembershipWorst",
        "membership_chain": ".privacy.attacks.membership_strongest:MembershipChain",
        "membership_average": ".privacy.attacks.membership:MembershipAverage",
        "membership_outliers": ".privacy.attacks.membership:MembershipOutliers",
        "attribute_inference": ".privacy.attacks.attribute_inference:AttributeInference",
        "linkability": ".privacy.attacks.linkability:Linkability",
        "singling_out": ".privacy.attacks.singling_out:SinglingOut",
        "rare_replay": ".privacy.attacks.rare_replay:RareReplay",
        "dcr_share": ".privacy.dcr:DCRShare",
        "authenticity": ".privacy.authenticity:Authenticity",
        "near_copies": ".privacy.nearest:NearCopies",
        "nndr": ".privacy.nearest:NNDR",
        "identifiability": ".privacy.nearest:Identifiability",
        "k_anonymity": ".privacy.equivalence_classes:KAnonymity",
        "l_diversity": ".privacy.equivalence_classes:LDiversity",
        "t_closeness": ".privacy.equivalence_classes:TCloseness",
        "exact_copies": ".privacy.exact_copies:ExactCopies",
        "identifier_copied": ".privacy.identifier_copied:IdentifierCopied",
        "demographic_parity": ".fairness.group_differences:DemographicParity",
        "equalized_odds": ".fairness.group_differences:EqualizedOdds",
        "subgroup_calibration": ".fairness.group_differences:SubgroupCalibration",
        "representation": ".fairness.representation:Representation",
    },
    package="artesian.metrics",
)

FUNCTIONS = Catalog(
    "metric function",
    {
        "ks_distance": ".fidelity.ks:ks_distance",
        "total_variation": ".common.distance:total_variation",
        "wasserstein_distance": ".fidelity.wasserstein:wasserstein_distance",
        "jensen_shannon_distance": ".fidelity.divergences:jensen_shannon_distance",
        "hellinger_distance": ".fidelity.divergences:hellinger_distance",
        "range_coverage": ".fidelity.coverage:range_coverage",
        "category_coverage": ".fidelity.coverage:category_coverage",
        "missing_rate_difference": ".fidelity.missingness:missing_rate_difference",
        "cramers_v": ".fidelity.association:cramers_v",
        "correlation_ratio": ".fidelity.association:correlation_ratio",
        "mutual_information": ".fidelity.association:mutual_information",
        "rarefaction": ".fidelity.rare_categories:rarefaction",
        "tail_mass_difference": ".fidelity.tail_mass:tail_mass_difference",
        "mmd": ".fidelity.mmd:mmd",
        "precision": ".fidelity.manifold:precision",
        "recall": ".fidelity.manifold:recall",
        "density": ".fidelity.manifold:density",
        "coverage": ".fidelity.manifold:coverage",
        "clipped_density": ".fidelity.clipped:clipped_density",
        "clipped_coverage": ".fidelity.clipped:clipped_coverage",
        "alpha_precision": ".fidelity.alpha_precision:alpha_precision",
        "beta_recall": ".fidelity.alpha_precision:beta_recall",
        "auc_delong": ".common.roc:auc_delong",
        "auc_one_vs_rest": ".utility.scores:auc_one_vs_rest",
        "true_positive_rate": ".common.roc:true_positive_rate",
        "concordance_index": ".utility.survival:concordance_index",
        "rank_agreement": ".utility.rank_agreement:rank_agreement",
        "interval_overlap": ".utility.coefficients:interval_overlap",
        "dcr_share": ".privacy.dcr:dcr_share",
        "authenticity": ".privacy.authenticity:authenticity",
        "distance_ratios": ".privacy.nearest:distance_ratios",
        "identifiability": ".privacy.nearest:identifiability",
        "k_anonymity": ".privacy.equivalence_classes:k_anonymity",
        "l_diversity": ".privacy.equivalence_classes:l_diversity",
        "t_closeness": ".privacy.equivalence_classes:t_closeness",
        "copied_fraction": ".privacy.identifier_copied:copied_fraction",
        "exact_match_fraction": ".privacy.exact_copies:exact_match_fraction",
        "demographic_parity_difference": ".fairness.group_differences:demographic_parity_difference",
        "equalized_odds_difference": ".fairness.group_differences:equalized_odds_difference",
        "calibration_difference": ".fairness.group_differences:calibration_difference",
        "wilson": ".common.intervals:wilson",
        "newcombe": ".common.intervals:newcombe",
    },
    package="artesian.metrics",
)
"""Pure functions on numpy arrays under the metrics; `artesian.metrics.functions` has them by name.
"""

ALIASES = {"c2st": "c2st_holdout", "dcr": "dcr_share", "copies": "exact_copies"}
"""Short names that are accepted on input; output has the full names."""


def resolve_metrics(names: str | Iterable[str] | None) -> tuple[str, ...]:
    """Resolve names, aliases and families of metrics to names of the catalog.

    Args:
        names: Names, also several separated by commas; 'all' or None for the whole catalog, 'quick'
            for all metrics that are not slow.

    Raises:
        UsageError: there is no such metric or family.

    >>> resolve_metrics("c2st,validity")
    ('c2st_holdout', 'validity')
    """
    if names is None:
        return tuple(CATALOG)
    texts = [names] if isinstance(names, str) else list(names)
    families = {make.spec.family for make in CATALOG.values()}
    resolved: list[str] = []
    for word in (part.strip() for text in texts for part in text.split(",")):
        if word == "all":
            resolved += CATALOG
        elif word == "quick":
            resolved += [name for name in CATALOG if not CATALOG[name].spec.slow]
        elif word in families:
            resolved += [name for name in CATALOG if CATALOG[name].spec.family == word]
        else:
            resolved.append(resolve_name(word))
    return tuple(dict.fromkeys(resolved))


def resolve_name(name: str) -> str:
    """Resolve a name or an alias to the name in the catalog.

    Raises:
        UsageError: there is no such metric.

    >>> resolve_name("c2st")
    'c2st_holdout'
    """
    full = ALIASES.get(name, name)
    if full not in CATALOG:
        raise UsageError(f"there is no metric {name!r}", hint=did_you_mean(name, CATALOG))
    return full
