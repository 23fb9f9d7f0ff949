"""Laboratory experiments: published protocols of model collapse, each curve with its theory."""
