"""What can go wrong in asking and evaluating, as one tree.

    QuothError                 every error of this package
    ├── SettingsError          a setting, or the file it comes from, makes no sense
    ├── QuestionError          a question that cannot be asked (empty, or far too long)
    ├── QuestionSetError       a question set that cannot be read or run on this index
    ├── SessionError           conversations that cannot be kept or read
    └── BundleError            a file that is no bundle, or one that cannot be read

Errors of the index (`index.errors.IndexingError`) pass through unchanged. Each message is one
sentence followed by the way out.
"""


class QuothError(Exception):
    """Base of every error that this package raises on purpose."""


class SettingsError(QuothError):
    """A setting has no sense, or its file cannot be read."""


class QuestionError(QuothError):
    """The question cannot be asked as it stands."""


class QuestionSetError(QuothError):
    """The question set cannot be read or run."""


class SessionError(QuothError):
    """Conversations cannot be kept or read."""


class BundleError(QuothError):
    """The file is no bundle, or cannot be read."""
