"""How much of one file is read: what is larger is said, never read by halves or without end.

Formats unpack into far more than they measure; these are ample for what people keep, and small
enough that one file can neither fill the disk nor hold a build up for long.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import SourceError

MEMBERS = 10_000  # files in one archive with those inside, attachments of one mail
DEPTH = 4  # archives in archives, mailboxes in them, what is attached to mails
MEMBER = 200_000_000  # bytes of one member, unpacked
UNPACKED = 4_000_000_000  # bytes of all members of one file together, one at a time on the disk
RATIO = 200  # times that a member may grow: logs and tables do by 20 to 50, bombs by 1,000
RATIO_FREE = 1_000_000  # bytes that may grow as they like: a page of one letter is no bomb
MESSAGE = 100_000_000  # bytes of one mail with all that is attached
CELL = 1_000_000  # characters of one field of a table
COLUMNS = 2_000  # fields of one row of a table
SPANNED = 20_000  # cells of a table that are there because one above spans their rows
QUOTES = 3  # mails quoted in mails that are quoted in mails
ADDRESSES = 20  # receivers of a mail that are named
PAGE = 64_000_000  # bytes of one HTML page: lxml takes about ten times as much memory
MAIN = 1_000_000  # bytes of a page whose main text is looked for; a second's work


@dataclass(slots=True)
class Budget:
    """What may still be unpacked of one file, shared by all that lies in it however deep."""

    members: int = MEMBERS
    bytes: int = UNPACKED

    def member(self) -> None:
        """Count one more member.

        Raises:
            SourceError: there are too many.
        """
        self.members -= 1
        if self.members < 0:
            raise SourceError(
                f"has more than {MEMBERS:,} files in it; unpack it and add the folder instead"
            )

    def unpacked(self, size: int) -> None:
        """Count bytes that were unpacked.

        Raises:
            SourceError: there are too many.
        """
        self.bytes -= size
        if self.bytes < 0:
            raise SourceError(
                f"unpacks to more than {UNPACKED:,} bytes; unpack it and add the folder instead"
            )
