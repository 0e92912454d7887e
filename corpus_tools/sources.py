"""Any file to rows: what a source holds about each article, and what of it cannot be read.

A source is a file, a folder, a glob or a URL. Nothing is judged here but whether something can be
read at all: what cannot becomes a `Refused` with its place and reason, and the rest is read.
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
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from corpus_tools.errors import BadInput

# The usual names of a column, first match wins; what is not named here is kept as it is.
COLUMNS = {
    "text": ("text", "content", "body", "article"),
    "title": ("title", "headline"),
    "author": ("author",),
    "outlet": ("outlet", "source", "publisher"),
    "date": ("date", "published", "date_extracted"),
    "url": ("url",),
}
# Columns that this package makes: one of a source with such a name is kept as `name_given`.
OWN = ("source", "row", "document", "text_clean", "sha256", "day", "agency")
SUFFIXES = (
    ".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".html", ".htm", ".warc",
)  # fmt: skip
PACKED = (".gz", ".zip")
# What an archive may grow to: newspapers shrink to a tenth, a bomb to a thousandth.
MOST_BYTES = 4 << 30
MOST_TIMES = 200
BATCH = 4_000_000  # characters of a batch, about

Row = dict[str, Any]
# What reading raises when a file is cut off, locked, or none of what its name says.
_DAMAGE = (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError)


class Refused(NamedTuple):
    """Something that was read and is no document: a file (no row), a row of it, or a line."""

    source: str
    row: int | None
    reason: str  # one of data/reasons.csv
    detail: str


class Unreadable(Exception):
    """Raised inside a reader: the rest of a file cannot be read, for this reason."""

    def __init__(self, reason: str, detail: str, row: int | None = None) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.row = reason, detail, row


@dataclass(frozen=True)
class Input:
    """A file to read: its name in the corpus, where it is, and its size in bytes."""

    name: str
    path: str
    size: int


def find(sources: Iterable[str | Path]) -> list[Input]:
    """The files of all sources, those of each in the order of their names.

    Args:
        sources: Files, folders (with all that is below them), globs, and URLs that fsspec opens.
            Hidden files, and the ``.toml`` and ``manifest.json`` that describe others, are none.

    Raises:
        BadInput: A source is missing or empty, or two files would have one name.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "b.txt").write_text("نص", "utf-8")
    ...     _ = Path(folder, "a.csv").write_text("text", "utf-8")
    ...     [file.name for file in find([folder])]
    ['a.csv', 'b.txt']
    """
    found = [file for source in sources for file in _find(str(source))]
    names: set[str] = set()
    for file in found:
        if file.name in names:
            raise BadInput(
                f"{file.name} is the name of two sources: read them from the folder above both."
            )
        names.add(file.name)
    return found


def _find(source: str) -> list[Input]:
    if "://" in source:
        return _remote(source)
    root = Path(source)
    if root.is_file():
        if not known(root.name):
            raise BadInput(f"{root} is of no known kind: it must end in one of {kinds()}.")
        return [Input(_printable(root.name), str(root), root.stat().st_size)]
    if root.is_dir():
        paths = [path for path in root.rglob("*") if path.is_file()]
    elif glob.has_magic(source):
        paths = [Path(path) for path in _globbed(source) if Path(path).is_file()]
        root = Path(*_plain_parts(source))
    else:
        raise BadInput(f"{root} does not exist: name a file or folder of articles that does.")
    named = {path.relative_to(root).as_posix(): path for path in paths}
    found = [
        Input(_printable(name), str(path), path.stat().st_size)
        for name, path in sorted(named.items())
        if _counts(name)
    ]
    if not any(known(file.name) for file in found):
        raise BadInput(f"{source} holds no articles: put files there that end in {kinds()}.")
    return found


def _globbed(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207  (a Path cannot glob from anywhere)


def _plain_parts(pattern: str) -> list[str]:
    parts = Path(pattern).parts
    magic = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return list(parts[:magic]) or ["."]


def _remote(url: str) -> list[Input]:
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(url)
        if glob.has_magic(path):
            paths = system.glob(path)
        else:
            paths = system.find(path) if system.isdir(path) else [path]
        found = [
            Input(PurePosixPath(p).name, str(system.unstrip_protocol(p)), system.size(p) or 0)
            for p in sorted(paths)
            if _counts(PurePosixPath(p).name)
        ]
    except (ImportError, ValueError, OSError) as error:
        raise BadInput(f"{url} cannot be opened ({error}): check the address.") from None
    if not any(known(file.name) for file in found):
        raise BadInput(f"{url} holds no articles: name files that end in {kinds()}.")
    return found


def _counts(name: str) -> bool:
    """Whether a file is one to account for: no hidden one, nor one that describes others."""
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.parts)
    return not hidden and path.suffix != ".toml" and path.name != "manifest.json"


def known(name: str) -> bool:
    """Whether a file name ends in what `read` understands, packed or not."""
    return name.lower().endswith((*SUFFIXES, *PACKED))


def kinds() -> str:
    """The endings that `read` understands, for a message."""
    return ", ".join((*SUFFIXES, *PACKED))


def open_(path: str) -> IO[bytes]:
    """Open a file or URL for reading bytes."""
    if "://" not in path:
        return Path(path).open("rb")
    import fsspec

    return fsspec.open(path, "rb").open()


def read(file: Input, *, columns: Mapping[str, str] | None = None) -> Iterator[Row | Refused]:
    """The rows of a file, in order, and what of it cannot be read.

    Args:
        file: One of `find`.
        columns: The columns of this source under the names of `COLUMNS`, where they have other
            names than the usual ones: ``{"text": "matn"}``.

    Yields:
        Rows with ``text``, ``source`` (the file's name), ``row`` (from 0, None for a file that
        is one article), ``sha256`` of the text and all that the source says, under the names of
        `COLUMNS` where they fit; and a `Refused` for each that cannot be read.
    """
    place = file.name
    ids: dict[str, str] = {}
    try:
        with open_(file.path) as stream:
            for place, row in _members(stream, file):
                if isinstance(row, Refused):
                    yield row
                    continue
                named = _named(row, columns or {}) | {"source": place}
                yield _refusal(named, ids) or named
    except Unreadable as error:
        yield Refused(place, error.row, error.reason, error.detail)
    except _DAMAGE as error:
        yield Refused(place, None, "damaged", f"cannot be read or unpacked ({error})")
    except UnicodeDecodeError as error:
        yield Refused(place, None, "undecodable", f"not {error.encoding}; not read on")


def _refusal(row: Row, ids: dict[str, str]) -> Refused | None:
    """Why a row that could be parsed is none to keep, if there is a reason; hashes its text."""
    place = (row["source"], row["row"])
    if "text" not in row:
        detail = f"no column of texts: name one of them {', '.join(COLUMNS['text'])}, or say which"
        return Refused(*place, "no_text", detail)
    text = row["text"]
    if text is None:
        row["text"] = ""
    elif not isinstance(text, str):
        return Refused(*place, "malformed", f"its text is of type {type(text).__name__}")
    # Hashed here and not in the threads that cut: hashlib gives the interpreter away at each text.
    sha256 = hashlib.sha256()
    for name, value in row.items():
        try:
            name.encode()
            raw = value.encode() if isinstance(value, str) else b""
        except UnicodeEncodeError:  # half of a character, or bytes that fitted no encoding
            return Refused(*place, "undecodable", f"bytes of no encoding in its {name}")
        if name == "text":
            sha256.update(raw)
    row["sha256"] = sha256.hexdigest()
    if row.get("id") is not None:
        first = ids.setdefault(str(row["id"]), row["text"])
        if first != row["text"]:
            return Refused(*place, "duplicate_id", f"id {row['id']} stands for another text")
    return None


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()


@cache
def _new_names(keys: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    names = {column: name for name, column in given if column in keys}
    for name, usuals in COLUMNS.items():
        usual = next((usual for usual in usuals if usual in keys and usual not in names), None)
        if usual and name not in names.values():
            names[usual] = name
    for key in keys:
        if key not in names and (key in OWN or key in names.values()):
            names[key] = f"{key}_given"
    return names


def _named(row: Row, given: Mapping[str, str]) -> Row:
    number = row.pop("\0row")
    names = _new_names(tuple(row), tuple(given.items()))
    return {names.get(key, key): value for key, value in row.items()} | {"row": number}


def _members(stream: IO[bytes], file: Input) -> Iterator[tuple[str, Row | Refused]]:
    """The rows of a file or, if it is an archive, of each file in it, with its place."""
    from corpus_tools import formats

    if not file.name.lower().endswith(".zip"):
        for row in formats.rows(_unpacked(stream, file.name, file.size), file):
            yield file.name, row
        return
    with zipfile.ZipFile(stream) as archive:
        infos = [
            i for i in archive.infolist() if not i.filename.endswith("/") and _counts(i.filename)
        ]
        total = 0
        for info in sorted(infos, key=lambda info: info.filename):
            place = file.name if len(infos) == 1 else f"{file.name}/{info.filename}"
            inner = Input(info.filename, f"{file.path}/{info.filename}", info.compress_size)
            total += info.file_size
            try:
                _safe(info, total)
                with archive.open(info) as member:
                    bounded = _unpacked(_bounded(member, info.compress_size), inner.name)
                    for row in formats.rows(bounded, inner):
                        yield place, row._replace(source=place) if isinstance(row, Refused) else row
            except Unreadable as error:
                yield place, Refused(place, error.row, error.reason, error.detail)
            except _DAMAGE as error:
                yield place, Refused(place, None, "damaged", f"cannot be unpacked ({error})")
            except UnicodeDecodeError as error:
                detail = f"not {error.encoding}; not read on"
                yield place, Refused(place, None, "undecodable", detail)


def _safe(info: zipfile.ZipInfo, total: int) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise Unreadable("unsafe", "its path leads out of the archive, or nowhere")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unreadable("unsafe", "it is a link and no file")
    if total > MOST_BYTES:
        raise Unreadable("unsafe", f"the archive unpacks to more than {MOST_BYTES >> 30} GiB")
    if path.suffix.lower() == ".zip":
        raise Unreadable("unsafe", "an archive within an archive is not unpacked")


def _unpacked(stream: IO[bytes], name: str, size: int = 0) -> IO[bytes]:
    if not name.lower().endswith(".gz"):
        return stream
    return _bounded(gzip.GzipFile(fileobj=stream), size or MOST_BYTES)


def _bounded(stream: Any, packed: int) -> IO[bytes]:
    return io.BufferedReader(_Bounded(stream, packed), 1 << 20)


class _Bounded(io.RawIOBase):
    """A stream that stops being read when it grows out of proportion to its packed size."""

    def __init__(self, stream: IO[bytes], packed: int) -> None:
        self._stream, self._read = stream, 0
        self._most = min(MOST_BYTES, max(packed * MOST_TIMES, 1 << 24))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        self._read += len(part)
        if self._read > self._most:
            raise Unreadable("unsafe", f"it unpacks to more than {self._most:,} bytes")
        buffer[: len(part)] = part
        return len(part)


def parts(files: Sequence[Input], size: int = 16 << 20) -> list[list[Input]]:
    """Files in runs of about a size: what one worker reads at a time."""
    runs: list[list[Input]] = []
    room = 0
    for file in files:
        if not runs or file.size > room:
            runs.append([])
            room = size
        runs[-1].append(file)
        room -= file.size
    return runs


class Batch(NamedTuple):
    """Rows of one part, what was refused among them, and how many of each file there were."""

    name: str
    rows: list[Row]
    refused: list[Refused]
    files: dict[str, int]


def batches(
    number: int, part: Sequence[Input], *, columns: Mapping[str, str] | None = None
) -> Iterator[Batch]:
    """The rows of a part in batches: the same ones, whoever reads it."""
    batch, size, made = Batch(f"{number:05}-0000", [], [], {}), 0, 0
    for file in part:
        count = 0
        for row in read(file, columns=columns):
            count += 1
            batch.files[file.name] = batch.files.get(file.name, 0) + 1
            if isinstance(row, Refused):
                batch.refused.append(row._replace(detail=_printable(row.detail)))
                continue
            batch.rows.append(row)
            size += len(row["text"])
            if size >= BATCH:
                yield batch
                made += 1
                batch, size = Batch(f"{number:05}-{made:04}", [], [], {}), 0
        if count == 0:
            batch.refused.append(Refused(file.name, None, "empty", "the file holds no article"))
            batch.files[file.name] = 1
    if batch.files:
        yield batch
