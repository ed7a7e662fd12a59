"""`quoth eval`: question sets asked, scored and compared."""
