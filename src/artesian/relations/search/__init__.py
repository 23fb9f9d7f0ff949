"""Searches for relations, one module a kind."""
