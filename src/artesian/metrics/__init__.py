"""Metrics. To add one: its file here, its line in CATALOG, its own test."""

from artesian.core.catalog import Catalog

CATALOG = Catalog(
    "metric",
    {
        "ks": "artesian.metrics.fidelity.ks:KS",
        "tv": "artesian.metrics.fidelity.tv:TV",
        "pairs": "artesian.metrics.fidelity.pairs:Pairs",
        "c2st_holdout": "artesian.metrics.fidelity.c2st:C2STHoldout",
        "tstr": "artesian.metrics.utility.tstr:TSTR",
        "dcr_share": "artesian.metrics.privacy.dcr:DCRShare",
        "exact_copies": "artesian.metrics.privacy.copies:ExactCopies",
    },
)
