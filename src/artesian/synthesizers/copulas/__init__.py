"""Copulas: the dependence of columns apart from their marginal distributions."""
