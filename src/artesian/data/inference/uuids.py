"""The textual form of UUIDs (RFC 9562, section 4)."""

UUID = r"^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
"""Case-insensitive pattern of a whole value."""
