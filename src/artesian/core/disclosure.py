"""Statistical disclosure control: the constants that decide which values may be released."""

MIN_COUNT = 5
"""Minimum number of rows behind any value that is stored or released (the threshold rule of
statistical disclosure control, Hundepool et al. 2012, section 4.2.1)."""

SUPPRESSED = "(rare)"
"""What is released in place of a text category with fewer than `MIN_COUNT` rows."""
