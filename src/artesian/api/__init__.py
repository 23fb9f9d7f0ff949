"""The public functions, one module per group of verbs; `artesian` itself offers them by name.

A source is a path, or a pandas, Polars, Arrow or DuckDB object. Synthetic rows have the type of the
source, or are a Polars frame if it was a path.
"""
