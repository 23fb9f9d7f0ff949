"""Forests whose leaves are mixtures of simple distributions."""
