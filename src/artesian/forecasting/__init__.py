"""Floor 3: when demand for training data meets its supply, forecast with dated series."""
