"""Sources to rows: what each file says about its articles, and what cannot be read.

A source is a file, a folder, a glob or a URL. This module decides only whether something can be
read. What cannot becomes a `Rejected` with its source and reason; the rest is read.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from corpus_tools.errors import BadInput
from corpus_tools.loading.formats import parse_rows
from corpus_tools.loading.records import Rejected, Row, SourceFile, Unreadable, open_source

# The usual names of each column, first match wins; other columns keep their names.
COLUMN_NAMES = {
    "text": ("text", "content", "body", "article"),
    "title": ("title", "headline"),
    "author": ("author",),
    "outlet": ("outlet", "source", "publisher"),
    "date": ("date", "published", "date_extracted"),
    "url": ("url",),
}
# Columns that this package makes: a source column of that name is kept as `NAME_given`.
RESERVED_COLUMNS = ("source", "row", "document", "text_clean", "sha256", "day", "agency")
KNOWN_SUFFIXES = (
    ".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".html", ".htm", ".warc",
)  # fmt: skip
ARCHIVE_SUFFIXES = (".gz", ".zip")
# How far an archive may expand: newspapers shrink to a tenth, a decompression bomb to less.
MAX_UNPACKED_BYTES = 4 << 30
MAX_EXPANSION = 200
BATCH_CHARACTERS = 4_000_000  # of a batch, approximately
# What reading raises when a file is truncated, locked, or not what its name says.
_DAMAGE = (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError)


def find_files(sources: Iterable[str | Path]) -> list[SourceFile]:
    """Find the files of all sources, those of each source in the order of their names.

    Args:
        sources: Files, folders (with everything below them), globs, and URLs that fsspec opens.
            Hidden files are left out, and ``.toml`` and ``manifest.json``, which describe others.

    Raises:
        BadInput: A source is missing or empty, or two files would have the same name.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "b.txt").write_text("نص", "utf-8")
    ...     _ = Path(folder, "a.csv").write_text("text", "utf-8")
    ...     [file.name for file in find_files([folder])]
    ['a.csv', 'b.txt']
    """
    found = [file for source in sources for file in _find_files(str(source))]
    names: set[str] = set()
    for file in found:
        if file.name in names:
            raise BadInput(
                f"{file.name} is the name of two sources: read them from their parent folder."
            )
        names.add(file.name)
    return found


def _find_files(source: str) -> list[SourceFile]:
    if "://" in source:
        return _remote(source)
    root = Path(source)
    if root.is_file():
        if not _is_known(root.name):
            raise BadInput(
                f"{root} is of an unknown kind: its name must end in one of {_known_endings()}."
            )
        return [SourceFile(_printable(root.name), str(root), root.stat().st_size)]
    if root.is_dir():
        paths = [path for path in root.rglob("*") if path.is_file()]
    elif glob.has_magic(source):
        paths = [Path(path) for path in _globbed(source) if Path(path).is_file()]
        root = Path(*_plain_parts(source))
    else:
        raise BadInput(f"{root} does not exist: name a file or folder of articles that does.")
    named = {path.relative_to(root).as_posix(): path for path in paths}
    found = [
        SourceFile(_printable(name), str(path), path.stat().st_size)
        for name, path in sorted(named.items())
        if _is_counted(name)
    ]
    if not any(_is_known(file.name) for file in found):
        raise BadInput(
            f"{source} holds no articles: put files there that end in {_known_endings()}."
        )
    return found


def _globbed(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207  (a Path cannot glob from anywhere)


def _plain_parts(pattern: str) -> list[str]:
    parts = Path(pattern).parts
    magic = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return list(parts[:magic]) or ["."]


def _remote(url: str) -> list[SourceFile]:
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(url)
        if glob.has_magic(path):
            paths = system.glob(path)
        else:
            paths = system.find(path) if system.isdir(path) else [path]
        found = [
            SourceFile(PurePosixPath(p).name, str(system.unstrip_protocol(p)), system.size(p) or 0)
            for p in sorted(paths)
            if _is_counted(PurePosixPath(p).name)
        ]
    except (ImportError, ValueError, OSError) as error:
        raise BadInput(f"{url} cannot be opened ({error}): check the address.") from None
    if not any(_is_known(file.name) for file in found):
        raise BadInput(f"{url} holds no articles: name files that end in {_known_endings()}.")
    return found


def _is_counted(name: str) -> bool:
    """Whether a file is a source: not hidden, and not a description of other files."""
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.parts)
    return not hidden and path.suffix != ".toml" and path.name != "manifest.json"


def _is_known(name: str) -> bool:
    """Whether `read_rows` can read a file of this name, compressed or not."""
    return name.lower().endswith((*KNOWN_SUFFIXES, *ARCHIVE_SUFFIXES))


def _known_endings() -> str:
    """The suffixes that `read_rows` can read, for a message."""
    return ", ".join((*KNOWN_SUFFIXES, *ARCHIVE_SUFFIXES))


def read_rows(
    file: SourceFile,
    *,
    columns: Mapping[str, str] | None = None,
    hashes: dict[str, str] | None = None,
) -> Iterator[Row | Rejected]:
    """Read the rows of a file, in order, and reject what cannot be read.

    Args:
        file: One of `find_files`.
        columns: The columns of this source under the names of `COLUMN_NAMES`, where they have other
            names than the usual ones: ``{"text": "matn"}``.
        hashes: Filled with the SHA-256 of the bytes that were read, under the name of the file.

    Yields:
        Rows with ``text``, ``source`` (the file's name), ``row`` (from 0; None for a file that is
        one article), ``sha256`` of the text and everything else the source says, under the names of
        `COLUMN_NAMES` where they match; and a `Rejected` for each row that cannot be read.
    """
    place = file.name
    ids: dict[str, str] = {}
    try:
        with open_source(file.path) as (stream, sha256):
            if hashes is not None:
                hashes[file.name] = sha256
            for place, row in _members(stream, file):
                if isinstance(row, Rejected):
                    yield row
                    continue
                named = _named(row, columns or {}) | {"source": place}
                yield _refusal(named, ids) or named
    except Unreadable as error:
        yield Rejected(place, error.row, error.reason, error.detail)
    except _DAMAGE as error:
        yield Rejected(place, None, "damaged", f"cannot be read or unpacked ({error})")
    except UnicodeDecodeError as error:
        yield Rejected(place, None, "undecodable", f"not {error.encoding}; not read on")


def _refusal(row: Row, ids: dict[str, str]) -> Rejected | None:
    """Why a parsed row is rejected, or None; the hash of its text is added to it."""
    place = (row["source"], row["row"])
    if "text" not in row:
        detail = f"no text column: name it {', '.join(COLUMN_NAMES['text'])}, or say which it is"
        return Rejected(*place, "no_text", detail)
    text = row["text"]
    if text is None:
        row["text"] = ""
    elif not isinstance(text, str):
        return Rejected(*place, "malformed", f"its text is of type {type(text).__name__}")
    # Hashed here and not in the threads that tokenize: hashlib releases the interpreter each time.
    sha256 = hashlib.sha256()
    for name, value in row.items():
        try:
            name.encode()
            raw = value.encode() if isinstance(value, str) else b""
        except UnicodeEncodeError:  # half of a character, or bytes in no known encoding
            return Rejected(*place, "undecodable", f"bytes in no known encoding in its {name}")
        if name == "text":
            sha256.update(raw)
    row["sha256"] = sha256.hexdigest()
    if row.get("id") is not None:
        first = ids.setdefault(str(row["id"]), row["text"])
        if first != row["text"]:
            return Rejected(*place, "duplicate_id", f"id {row['id']} stands for another text")
    return None


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()


@cache
def _new_names(keys: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    names = {column: name for name, column in given if column in keys}
    for name, usuals in COLUMN_NAMES.items():
        usual = next((usual for usual in usuals if usual in keys and usual not in names), None)
        if usual and name not in names.values():
            names[usual] = name
    for key in keys:
        if key not in names and (key in RESERVED_COLUMNS or key in names.values()):
            names[key] = f"{key}_given"
    return names


def _named(row: Row, given: Mapping[str, str]) -> Row:
    number = row.pop("\0row")
    names = _new_names(tuple(row), tuple(given.items()))
    return {names.get(key, key): value for key, value in row.items()} | {"row": number}


def _members(stream: IO[bytes], file: SourceFile) -> Iterator[tuple[str, Row | Rejected]]:
    """The rows of a file or, if it is an archive, of each file in it, with the file's name."""

    if not file.name.lower().endswith(".zip"):
        for row in parse_rows(_unpacked(stream, file.name, file.size), file):
            yield file.name, row
        return
    with zipfile.ZipFile(stream) as archive:
        infos = [
            i
            for i in archive.infolist()
            if not i.filename.endswith("/") and _is_counted(i.filename)
        ]
        total = 0
        for info in sorted(infos, key=lambda info: info.filename):
            place = file.name if len(infos) == 1 else f"{file.name}/{info.filename}"
            inner = SourceFile(info.filename, f"{file.path}/{info.filename}", info.compress_size)
            total += info.file_size
            try:
                _check_member(info, total)
                with archive.open(info) as member:
                    bounded = _unpacked(_bounded(member, info.compress_size), inner.name)
                    for row in parse_rows(bounded, inner):
                        yield (
                            place,
                            row._replace(source=place) if isinstance(row, Rejected) else row,
                        )
            except Unreadable as error:
                yield place, Rejected(place, error.row, error.reason, error.detail)
            except _DAMAGE as error:
                yield place, Rejected(place, None, "damaged", f"cannot be unpacked ({error})")
            except UnicodeDecodeError as error:
                detail = f"not {error.encoding}; not read on"
                yield place, Rejected(place, None, "undecodable", detail)


def _check_member(info: zipfile.ZipInfo, total: int) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise Unreadable("unsafe", "its path leads out of the archive or is empty")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unreadable("unsafe", "it is a link, not a file")
    if total > MAX_UNPACKED_BYTES:
        raise Unreadable(
            "unsafe", f"the archive unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB"
        )
    if path.suffix.lower() == ".zip":
        raise Unreadable("unsafe", "an archive within an archive is not unpacked")


def _unpacked(stream: IO[bytes], name: str, size: int = 0) -> IO[bytes]:
    if not name.lower().endswith(".gz"):
        return stream
    return _bounded(gzip.GzipFile(fileobj=stream), size or MAX_UNPACKED_BYTES)


def _bounded(stream: Any, packed: int) -> IO[bytes]:
    return io.BufferedReader(_Bounded(stream, packed), 1 << 20)


class _Bounded(io.RawIOBase):
    """A stream that stops when it expands too far beyond its compressed size."""

    def __init__(self, stream: IO[bytes], packed: int) -> None:
        self._stream, self._read = stream, 0
        self._most = min(MAX_UNPACKED_BYTES, max(packed * MAX_EXPANSION, 1 << 24))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        self._read += len(part)
        if self._read > self._most:
            raise Unreadable("unsafe", f"it unpacks to more than {self._most:,} bytes")
        buffer[: len(part)] = part
        return len(part)


def group_files(files: Sequence[SourceFile], size: int = 16 << 20) -> list[list[SourceFile]]:
    """Group files into parts of about a size, which one worker reads at a time."""
    runs: list[list[SourceFile]] = []
    room = 0
    for file in files:
        if not runs or file.size > room:
            runs.append([])
            room = size
        runs[-1].append(file)
        room -= file.size
    return runs


class Batch(NamedTuple):
    """Rows of one part of the sources.

    Attributes:
        name: The number of the part and of the batch in it.
        rows: What can become documents.
        rejected: What cannot.
        files: How many of both each file gave.
        hashes: The SHA-256 of each file that was opened in this batch.
    """

    name: str
    rows: list[Row]
    rejected: list[Rejected]
    files: dict[str, int]
    hashes: dict[str, str]


def read_batches(
    number: int, part: Sequence[SourceFile], *, columns: Mapping[str, str] | None = None
) -> Iterator[Batch]:
    """Read the rows of a part in batches, the same ones whoever reads it."""
    batch, size, made = Batch(f"{number:05}-0000", [], [], {}, {}), 0, 0
    for file in part:
        count = 0
        for row in read_rows(file, columns=columns, hashes=batch.hashes):
            count += 1
            batch.files[file.name] = batch.files.get(file.name, 0) + 1
            if isinstance(row, Rejected):
                batch.rejected.append(row._replace(detail=_printable(row.detail)))
                continue
            batch.rows.append(row)
            size += len(row["text"])
            if size >= BATCH_CHARACTERS:
                yield batch
                made += 1
                batch, size = Batch(f"{number:05}-{made:04}", [], [], {}, {}), 0
        if count == 0:
            rejected = Rejected(file.name, None, "empty", "the file holds no article")
            batch.rejected.append(rejected)
            batch.files[file.name] = 1
    if batch.files:
        yield batch
