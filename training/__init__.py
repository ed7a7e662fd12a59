"""Making the reader: `python -m training.data`, `training.train`, `training.evaluate`."""
