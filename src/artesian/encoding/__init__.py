"""Encoding: columns as integer codes and back."""
