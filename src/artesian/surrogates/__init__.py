"""Surrogates: identifiers, names and free text generated anew."""
