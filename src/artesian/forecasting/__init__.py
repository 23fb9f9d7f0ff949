"""Forecast when demand for training data exceeds the stock of human-generated data."""
