"""Neural networks, trained in PyTorch and sampled with numpy."""
