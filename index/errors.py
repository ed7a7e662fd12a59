"""What can go wrong in the index, as one tree.

    IndexingError                  every error of this package
    ├── SourceError                a file or folder that cannot be read as documents
    ├── IndexMissingError          there is no index in this folder
    ├── IndexDamagedError          the store cannot be read or contradicts itself
    ├── IndexLockedError           another process is changing this index
    ├── IndexVersionError          the index was made by a newer version
    ├── ModelError                 a model is absent, altered or not the index's own
    └── DocumentNotFoundError      no document of that id, path or title

Each message is one sentence followed by the way out; it is meant to be shown as it is.
"""


class IndexingError(Exception):
    """Base of every error that the index raises on purpose."""


class SourceError(IndexingError):
    """A file or folder cannot be read as documents."""


class IndexMissingError(IndexingError):
    """The folder holds no index."""


class IndexDamagedError(IndexingError):
    """The store cannot be read, or contradicts itself."""


class IndexLockedError(IndexingError):
    """Another process holds the right to change this index."""


class IndexVersionError(IndexingError):
    """The index was written by a newer version of the program."""


class ModelError(IndexingError):
    """A model is absent, altered, no cross-encoder, or not the one the index was made with."""


class DocumentNotFoundError(IndexingError):
    """No document has this id, path, path suffix or title."""
