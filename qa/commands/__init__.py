"""What each command of `quoth` does. Results go to standard output, the rest to standard error."""
