"""Fidelity: how similar the distributions of synthetic and real rows are."""
