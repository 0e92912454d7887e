"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def write_whole(path: str | Path) -> Iterator[Path]:
    """Write a file beside its place and move it there when it is complete.

    A reader sees the old file or the new one, and an error leaves the old one. The name of the file
    beside holds the host and the process, so that two processes can write the same file.

    Args:
        path: The file to write.

    Yields:
        The path to write to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with write_whole(Path(folder, "a.txt")) as beside:
    ...         _ = beside.write_text("whole", "utf-8")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    place = Path(path)
    beside = place.with_name(f".{place.name}.{socket.gethostname()}.{os.getpid()}")
    try:
        yield beside
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def write_json(value: Any, path: str | Path) -> None:
    """Write a value as indented JSON, keys in order and Arabic readable."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    with write_whole(path) as beside:
        beside.write_text(text + "\n", encoding="utf-8")
