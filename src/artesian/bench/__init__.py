"""Benchmark synthesizers: every method on every source with every seed."""
