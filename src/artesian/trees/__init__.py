"""Histogram trees that estimate conditional distributions: growth, leaves, and target embedding."""
