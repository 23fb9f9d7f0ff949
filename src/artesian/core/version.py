"""The version. It stands here because every floor may need it and none may import the roof."""

VERSION = "0.1.0"
