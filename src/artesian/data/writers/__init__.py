"""Where tables go: one file a family of formats; each sink takes batches and is then closed."""
