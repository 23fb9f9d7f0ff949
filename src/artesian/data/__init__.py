"""Schemas, tables and datasets; inference; reading and writing."""
