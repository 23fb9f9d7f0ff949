"""Models of demand and stock: frontier trend, levers, internet users, date of exhaustion."""
