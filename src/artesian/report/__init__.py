"""Results -> dict -> HTML or Markdown. `summary` gathers aggregates, the others only draw them."""
