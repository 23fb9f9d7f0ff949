"""Floor 0: errors, runs, catalogs, extras, fingerprints, files written whole or not at all."""
