"""Augment a class with synthetic rows, and measure what that gains over cheaper treatments."""
