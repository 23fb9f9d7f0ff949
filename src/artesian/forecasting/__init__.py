"""When the demand for training data meets its stock: inputs, two published studies, a better trend."""
