"""Bundled and user-supplied data series: training sets, compute, population, languages."""
