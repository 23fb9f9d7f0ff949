"""Surrogates: generated identifiers, personal data and free text, never copied from the source."""
