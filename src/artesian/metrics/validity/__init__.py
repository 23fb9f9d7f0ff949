"""Validity: rows that satisfy all rules, whether or not their distribution is that of real rows."""
