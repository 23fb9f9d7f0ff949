"""Writers of file formats; each opens a sink that takes batches of rows."""
