"""The public conformance suites, which methods and metrics of other packages can run as well.

    @pytest.mark.parametrize("check", synthesizer_checks(MyMethod))
    def test_my_method(check):
        check(MyMethod)

Each check takes a callable that returns settings, such as the class itself, and raises AssertionError
with a description of the fault.
"""

from artesian.testing.metrics import MetricCheck, durations, metric_checks, quasi_identifiers, told
from artesian.testing.synthesizers import SynthesizerCheck, synthesizer_checks

__all__ = [
    "MetricCheck",
    "SynthesizerCheck",
    "durations",
    "metric_checks",
    "quasi_identifiers",
    "synthesizer_checks",
    "told",
]
