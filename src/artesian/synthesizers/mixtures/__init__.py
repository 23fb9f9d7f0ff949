"""Finite mixtures."""
