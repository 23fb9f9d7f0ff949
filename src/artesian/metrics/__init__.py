"""Metrics. To add one: its file here, its line in CATALOG, its own test."""

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
        "validity": "artesian.metrics.validity.valid_rows:Validity",
        "tstr": "artesian.metrics.utility.tstr:TSTR",
        "membership_average": "artesian.metrics.privacy.membership:MembershipAverage",
        "membership_outliers": "artesian.metrics.privacy.membership:MembershipOutliers",
        "dcr_share": "artesian.metrics.privacy.dcr:DCRShare",
        "exact_copies": "artesian.metrics.privacy.copies:ExactCopies",
    },
)

SHORT = {"c2st": "c2st_holdout", "dcr": "dcr_share", "copies": "exact_copies"}
"""Short names that people type; the scorecard always has the full ones."""


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
