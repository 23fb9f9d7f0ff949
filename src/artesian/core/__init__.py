"""The lowest layer: errors, runs, catalogs, extras, fingerprints and atomic file output."""
