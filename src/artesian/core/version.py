"""The version, in the lowest layer because every other one may need it."""

VERSION = "0.1.0"
