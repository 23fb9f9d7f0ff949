"""Privacy: what synthetic rows disclose about the training rows."""
