"""Uncertain inputs: distributions, units, parsing, and default values with their sources."""
