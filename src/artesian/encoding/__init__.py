"""Encoding: columns as integer codes or as floats, and back."""
