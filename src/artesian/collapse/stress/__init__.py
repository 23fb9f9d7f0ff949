"""The stress test: a synthesizer, or an external command, fitted again and again on its own rows."""
