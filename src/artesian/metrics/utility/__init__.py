"""Utility: how well models and statistics from synthetic rows transfer to real rows."""
