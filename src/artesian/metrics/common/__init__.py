"""What several metrics share: arrays, encodings, intervals, models and formatting."""
