"""Uncertain inputs: distributions, units, parsing, and the default values with their sources."""
