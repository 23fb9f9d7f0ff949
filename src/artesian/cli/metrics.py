"""`artesian metrics`: the metrics in the catalog."""

from __future__ import annotations

from artesian.cli.options import Common, Shared


def metrics(name: str | None = None, /, *, common: Shared = None) -> int:
    """List the metrics, or describe one.

    Args:
        name: The metric to describe.
    """
    from artesian.cli import show
    from artesian.pipeline.metrics import describe_metric, list_metrics

    common = common or Common()
    if name is not None:
        spec = describe_metric(name)
        if common.json:
            show.print_json({"metric": spec.to_dict()})
        else:
            show.print_metric(spec)
        return 0
    specs = list_metrics()
    if common.json:
        show.print_json({"metrics": [spec.to_dict() for spec in specs]})
    else:
        rows = [(s.name, s.family, s.better.value, s.description) for s in specs]
        show.print_rows(("metric", "family", "better", "description"), rows)
    return 0
