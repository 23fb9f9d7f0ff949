"""Published studies of data exhaustion, recomputed from their stated equations."""
