"""Privacy attacks, each beside the same attack on holdout rows."""
