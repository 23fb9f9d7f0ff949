"""The command line: parse, call, show. One file a verb."""
