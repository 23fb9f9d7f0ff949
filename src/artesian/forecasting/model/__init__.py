"""Models of demand and stock: drift of demand, levers, internet users, date of exhaustion."""
