"""Validity: rows that break no rule, whether or not they are alike to real ones."""
