"""Measurements of speed and quality, run by hand and recorded in `results`."""
