"""The conformance suites. Public: what other packages add may be held to them too.

    @pytest.mark.parametrize("check", synthesizer_checks(MyMethod))
    def test_my_method(check):
        check(MyMethod)

Each check takes something that makes settings when called, such as the class itself, and raises
AssertionError with what is wrong.
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
