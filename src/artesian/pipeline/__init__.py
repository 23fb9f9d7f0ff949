"""The main job as steps: read, hold out, fit, sample, judge, report, write."""
