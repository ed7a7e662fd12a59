"""Measurements, run by hand and recorded; see README.md here."""

import os

# As the command does, before NumPy is imported: its threads and the model's wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
