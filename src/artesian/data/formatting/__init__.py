"""Numbers and times to the text that a value format describes, and back."""
