"""The public conformance suites, which methods and metrics of other packages can run as well.

    @pytest.mark.parametrize("check", synthesizer_checks(MyMethod))
    def test_my_method(check):
        check(MyMethod)

Each check takes a callable that returns settings, such as the class itself, and raises AssertionError
with a description of the fault.
"""

from artesian.testing.metrics import (
    MetricCheck,
    metric_checks,
    with_identifiers,
    with_quasi_identifiers,
    with_relations,
    with_roles,
    with_time_to_event,
)
from artesian.testing.synthesizers import SynthesizerCheck, synthesizer_checks

__all__ = [
    "MetricCheck",
    "SynthesizerCheck",
    "metric_checks",
    "synthesizer_checks",
    "with_identifiers",
    "with_quasi_identifiers",
    "with_relations",
    "with_roles",
    "with_time_to_event",
]
