"""Inference: parse the columns of a raw table, decide their kinds and roles, and keep the evidence."""
