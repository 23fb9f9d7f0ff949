"""Fidelity: how alike synthetic and real rows are."""
