"""Trend of demand, stock levers, internet users, and dates of exhaustion."""
