"""What a user would pick instead: one script each, run by its own environment's Python.

    python PEER.py build PASSAGES.jsonl FOLDER MODEL
    python PEER.py ask QUESTION FOLDER MODEL

Each does what its own documentation shows first, with the same weights, and prints the ids of the
ten best passages as JSON.
"""
