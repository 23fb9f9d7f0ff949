"""Sequential synthesizers: histogram trees, one conditional distribution per column."""
