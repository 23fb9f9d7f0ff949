"""Controls: methods that copy rows, by which metrics of privacy are tested."""
