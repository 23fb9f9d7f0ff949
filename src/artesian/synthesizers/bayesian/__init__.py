"""Bayesian models: posterior draws of parameters, and rows from their predictive distribution."""
