"""Readers of file formats; each returns a `Raw` table for inference."""
