"""Features of a detector that are derived from values: formats, dates, relations, repeats.

Which features exist is chosen from the real rows alone; the features of a table are computed from
that table alone. So the features of any sample of real rows have the same distribution.
"""
