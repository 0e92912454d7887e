"""What the readers hand on: source files, rows, and what could not be read."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

MAX_CHARACTERS = 1_000_000  # of a document; longer ones are quarantined as oversize
_BLOCK = 1 << 20

Row = dict[str, Any]


class Rejected(NamedTuple):
    """Something that was read and is not a document: a file (no row), one of its rows, or a line.

    Attributes:
        source: The file, or the file inside an archive.
        row: From 0; None for a whole file.
        reason: One of ``data/reasons.csv``.
        detail: What exactly is wrong.
    """

    source: str
    row: int | None
    reason: str
    detail: str


class Unreadable(Exception):
    """Raised by a reader when the rest of a file cannot be read."""

    def __init__(self, reason: str, detail: str, row: int | None = None) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.row = reason, detail, row


@dataclass(frozen=True)
class SourceFile:
    """A file to read: its name in the corpus, where it is, and its size in bytes."""

    name: str
    path: str
    size: int


@contextmanager
def open_source(path: str) -> Iterator[tuple[IO[bytes], str]]:
    """Open a file or URL once, and hash the bytes that will be read.

    A URL is fetched once into a temporary file, because a second request might return other bytes.

    Args:
        path: A path, or a URL that fsspec opens.

    Yields:
        A seekable stream at its beginning, and the SHA-256 of its bytes.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_bytes(b"abc")
    ...     with open_source(str(Path(folder, "a.txt"))) as (stream, sha256):
    ...         stream.read(), sha256[:8]
    (b'abc', 'ba7816bf')
    """
    if "://" not in path:
        with Path(path).open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            yield stream, sha256
        return
    import fsspec

    with fsspec.open(path, "rb").open() as remote, tempfile.TemporaryFile() as copy:
        digest = hashlib.sha256()
        while block := remote.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        copy.seek(0)
        yield copy, digest.hexdigest()
