"""Utility: what synthetic rows are good for."""
