"""Privacy: what synthetic rows may give away about the rows they were made from."""
