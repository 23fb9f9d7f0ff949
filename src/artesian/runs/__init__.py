"""Shared parts of a run: holdout split, method resolution, timed steps, manifest, output folder."""
