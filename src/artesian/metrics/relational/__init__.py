"""Metrics of related tables: keys, numbers of children, and what child rows say about their parents.

The catalog of these metrics. Adding one touches its module, its line here, and its test.
"""

from collections.abc import Iterable

from artesian.core.catalog import Catalog
from artesian.core.errors import UsageError, did_you_mean
from artesian.metrics import CATALOG, resolve_metrics
from artesian.metrics.protocol import Spec

RELATIONAL = Catalog(
    "metric of related tables",
    {
        "referential_integrity": ".integrity:ReferentialIntegrity",
        "cardinality": ".cardinality:Cardinality",
        "k_hop_trends": ".trends:KHopTrends",
        "c2st_single_table": ".detection:C2STSingleTable",
        "c2st_parent_child": ".detection:C2STParentChild",
        "c2st_denormalised": ".detection:C2STDenormalised",
        "c2st_agg": ".detection:C2STAggregation",
        "c2st_agg_rich": ".detection:C2STAggregationRich",
        "c2st_within_entity": ".detection:C2STWithinEntity",
        "autocorrelation": ".sequences:Autocorrelation",
        "inter_event_times": ".sequences:InterEventTimes",
        "duplicate_times": ".sequences:DuplicateTimes",
        "static_columns": ".sequences:StaticColumns",
        "relations_between_tables": ".relations:RelationsBetweenTables",
        "relational_utility": ".utility:RelationalUtility",
        "membership_entity": ".membership:MembershipEntity",
    },
    package="artesian.metrics.relational",
)

ALIASES = {"integrity": "referential_integrity", "k_hop": "k_hop_trends"}
"""Short names that are accepted on input; output has the full names."""


def resolve_relational(names: str | Iterable[str] | None) -> tuple[str, ...]:
    """Resolve names, aliases and families to names of the catalog of related tables.

    Args:
        names: Names, also several separated by commas; 'all', 'quick' or None for the whole catalog,
            of which none is slow.

    Raises:
        UsageError: there is no such metric or family.

    >>> resolve_relational("cardinality,utility")
    ('cardinality', 'relational_utility')
    """
    if names is None:
        return tuple(RELATIONAL)
    texts = [names] if isinstance(names, str) else list(names)
    families = {make.spec.family for make in RELATIONAL.values()}
    resolved: list[str] = []
    for word in (part.strip() for text in texts for part in text.split(",")):
        if word in ("all", "quick"):
            resolved += RELATIONAL
        elif word in families:
            resolved += [name for name in RELATIONAL if RELATIONAL[name].spec.family == word]
        else:
            resolved.append(resolve_relational_name(word))
    return tuple(dict.fromkeys(resolved))


def require_metrics(names: str | Iterable[str]) -> None:
    """Refuse names that are neither of metrics of one table nor of related tables.

    Raises:
        UsageError: there is no such metric or family.
    """
    try:
        resolve_metrics(names)
    except UsageError as problem:
        try:
            resolve_relational(names)
        except UsageError:
            raise problem from None


def resolve_relational_name(name: str) -> str:
    """Resolve a name or an alias to the name in the catalog.

    Raises:
        UsageError: there is no such metric.
    """
    full = ALIASES.get(name, name)
    if full not in RELATIONAL:
        raise UsageError(
            f"there is no metric {name!r} of related tables", hint=did_you_mean(name, RELATIONAL)
        )
    return full


def spec_of(metric: str) -> Spec | None:
    """The specification of a metric of one table or of related tables; None if there is none."""
    for catalog in (CATALOG, RELATIONAL):
        if metric in catalog:
            spec: Spec = catalog[metric].spec
            return spec
    return None
