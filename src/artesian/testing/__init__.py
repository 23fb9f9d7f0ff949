"""The conformance suites. Public: what other packages add may be held to them too.

    @pytest.mark.parametrize("check", synthesizer_checks(MyMethod))
    def test_my_method(check):
        check(MyMethod)

Each check takes something that makes settings when called, such as the class itself, and raises
AssertionError with what is wrong.
"""

from artesian.testing.metrics import (
    MetricCheck,
    metric_checks,
    with_quasi_identifiers,
    with_roles,
    with_time_to_event,
)
from artesian.testing.synthesizers import SynthesizerCheck, synthesizer_checks

__all__ = [
    "MetricCheck",
    "SynthesizerCheck",
    "metric_checks",
    "synthesizer_checks",
    "with_quasi_identifiers",
    "with_roles",
    "with_time_to_event",
]
