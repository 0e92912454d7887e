"""Parsers of file formats: bytes to rows, one function per format.

Each takes a stream and yields rows (dictionaries, the row's number under a key of its own) and
`Refused` for what cannot be parsed; `Unreadable` ends the file.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

import polars as pl

from corpus_tools.loading.encodings import decode_text
from corpus_tools.loading.records import (
    MAX_CHARACTERS,
    Rejected,
    Row,
    SourceFile,
    Unreadable,
    open_source,
)

_ROW = "\0row"  # no column of a source has this name
# "author - outlet domain": the first line of an article saved as text.
_BYLINE = re.compile(
    r"^(?P<author>[^-–—|]+?)\s*[-–—|]\s*(?P<outlet>.+?)(?:\s+(?P<url>[a-z0-9.-]+\.[a-z]{2,}))?$"
)
_DASH = re.compile(r"[-–—|]\s*$|^[^-–—|]+\s*[-–—|]\s*[a-z0-9.-]+\.[a-z]{2,}$")


def parse_rows(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
    """Parse the rows of a stream, by the suffix of its name."""
    name = file.name.lower().removesuffix(".gz")
    if name.endswith("-sentences.txt"):
        yield from _leipzig(stream, file)
        return
    reader = _READERS.get(PurePosixPath(name).suffix)
    if reader is None:
        raise Unreadable("unknown_kind", "files of this kind cannot be read")
    yield from reader(stream, file)


def _decoded(stream: IO[bytes]) -> tuple[io.TextIOBase, str]:
    """A text stream; undecodable bytes become surrogates, and their rows are rejected."""
    head = stream.read(1 << 16)
    try:
        end = head.rfind(b"\n") + 1
        encoding = decode_text(head[: end + end % 2] or head)[1]  # even, for UTF-16
    except Unreadable:
        encoding = "utf-8"
    whole = io.BufferedReader(_Rest(head, stream), 1 << 20)
    errors = "strict" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(whole, encoding, errors, newline=""), encoding


class _Rest(io.RawIOBase):
    """A stream with the bytes read so far put back."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)


def _whole(stream: IO[bytes], most: int = 4 * MAX_CHARACTERS) -> bytes:
    raw = stream.read(most + 1)
    if len(raw) > most:
        raise Unreadable("oversize", f"more than {most:,} bytes in one article")
    return raw


def _text(stream: IO[bytes], file: SourceFile) -> Iterator[Row]:
    whole, encoding = decode_text(_whole(stream))
    if not whole.strip():
        raise Unreadable("empty", "the file is empty: put an article in it or remove it")
    line, _, text = whole.lstrip("\ufeff").partition("\n")
    found = parse_byline(line)
    if not found:
        text = whole
    elif not text.strip():
        raise Unreadable("empty", "one line only: the article must follow its byline")
    beside = _sidecar(file)
    yield {"text": text, **found, "encoding": encoding, **beside, _ROW: None}


def parse_byline(line: str) -> dict[str, str | None]:
    """Author, outlet and address from the first line of an article, ``author - outlet domain``.

    Returns:
        ``author``, ``outlet`` and ``url``; empty if the line is not a byline.

    Raises:
        Unreadable: The line begins like a byline and names no outlet.

    >>> parse_byline("محمد الشاوي- بلاحدود bilahodoud.ma")
    {'author': 'محمد الشاوي', 'outlet': 'بلاحدود', 'url': 'bilahodoud.ma'}
    >>> parse_byline("وصل الوزير إلى المدينة.")
    {}
    """
    line = line.strip()
    # A byline is short: a long first line with a dash in it is the article itself.
    if len(line) > 120 or line.endswith((".", "؟", "!")):
        return {}
    if _DASH.search(line):
        raise Unreadable(
            "byline",
            f"no outlet in its byline «{line[:60]}»: make its first line «author - outlet domain»",
        )
    found = _BYLINE.match(line)
    return found.groupdict() if found else {}


def _sidecar(file: SourceFile) -> Row:
    beside = Path(file.path).with_suffix(".toml")
    if "://" in file.path or not beside.is_file():
        return {}
    try:
        return tomllib.loads(beside.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unreadable("malformed", f"{beside.name} beside it is not TOML ({error})") from None


def _table(delimiter: str | None) -> Callable[[IO[bytes], SourceFile], Iterator[Row | Rejected]]:
    def read(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
        text, _ = _decoded(stream)
        header = text.readline()
        if not header.strip():
            raise Unreadable("empty", "the file is empty")
        between = delimiter or max(",;\t|", key=header.count)
        # Fields of tab-separated values hold no quotes that mean anything.
        rules: dict[str, Any] = {
            "delimiter": between,
            "quoting": csv.QUOTE_NONE if between == "\t" else csv.QUOTE_MINIMAL,
        }
        csv.field_size_limit(4 * MAX_CHARACTERS)
        names = _distinct(next(csv.reader([header], **rules)))
        lines = csv.reader(text, **rules)
        number = -1
        while True:
            number, line = number + 1, lines.line_num + 2
            try:
                fields = next(lines, None)
            except csv.Error as error:
                raise Unreadable(
                    "malformed", f"line {line}: {error}; not read on", number
                ) from None
            if fields is None:
                return
            if len(fields) != len(names):
                detail = f"line {line}: {len(fields)} fields where the header has {len(names)}"
                if fields:
                    yield Rejected(file.name, number, "malformed", detail)
                continue
            yield dict(zip(names, fields, strict=True)) | {_ROW: number}

    return read


def _distinct(names: list[str]) -> list[str]:
    """Names of columns; repeated names are numbered, so that all columns are kept."""
    return [f"{n}_{names[:i].count(n) + 1}" if n in names[:i] else n for i, n in enumerate(names)]


def _json_lines(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
    text, _ = _decoded(stream)
    for number, line in enumerate(text):
        if not line.strip():
            continue
        try:
            yield _object(json.loads(line), number)
        except (ValueError, RecursionError) as error:  # not JSON, or a number beyond all bounds
            yield Rejected(file.name, number, "malformed", f"line {number + 1}: {error}")
        except Unreadable as error:
            yield Rejected(file.name, number, error.reason, f"line {number + 1}: {error.detail}")


def _json(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
    """A JSON array, or values one after the other, parsed incrementally."""
    text, _ = _decoded(stream)
    decoder, whole, at, number, line = json.JSONDecoder(), "", 0, 0, 1
    between = re.compile(r"[\s,\ufeff]*")
    while True:
        part = text.read(1 << 20)
        line += whole.count("\n", 0, at)
        whole, at = whole[at:] + part, 0
        if number == 0 and (opened := re.match(r"[\s\ufeff]*\[", whole)):
            at = opened.end()
        while True:
            at = between.match(whole, at).end()  # type: ignore[union-attr]
            if at >= len(whole) or whole[at] == "]":
                break
            try:
                value, end = decoder.raw_decode(whole, at)
            except (ValueError, RecursionError) as error:
                if part and len(whole) - at < 8 * MAX_CHARACTERS:
                    break  # the rest of it is still to come
                where = line + whole.count("\n", 0, getattr(error, "pos", at))
                detail = f"line {where}: {getattr(error, 'msg', error)}; not read from there on"
                raise Unreadable("malformed", detail, number) from None
            if end == len(whole) and part:
                break
            try:
                yield _object(value, number)
            except Unreadable as error:
                yield Rejected(file.name, number, error.reason, error.detail)
            number, at = number + 1, end
        if not part:
            break
    if number == 0:
        raise Unreadable("empty", "no array of articles: make it a JSON array of objects")
    if rest := whole[at:].strip("] \r\n\t"):
        raise Unreadable("malformed", f"line {line}: «{rest[:20]}» after the end", number)


def _object(value: Any, number: int) -> Row:
    if not isinstance(value, dict):
        raise Unreadable("malformed", "not an object with an article's text, title and so on")
    nested = {k: json.dumps(v, ensure_ascii=False) for k, v in value.items()
              if isinstance(v, list | dict)}  # fmt: skip
    return value | nested | {_ROW: number}


def _parquet(stream: IO[bytes], file: SourceFile) -> Iterator[Row]:
    # A file on disk is read in parts through its handle; a member of an archive must fit in memory.
    source = stream if hasattr(stream, "fileno") else io.BytesIO(stream.read())
    try:
        number = 0
        for part in pl.scan_parquet(source).collect_batches(chunk_size=2000, maintain_order=True):
            for row in part.iter_rows(named=True):
                yield _object(row, number)
                number += 1
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise Unreadable("damaged", f"not a Parquet file ({str(error).splitlines()[0]})") from None


def _html(stream: IO[bytes], file: SourceFile) -> Iterator[Row]:
    yield extract_article(_whole(stream)) | {_ROW: None}


def extract_article(raw: bytes) -> Row:
    """The article of a web page, by trafilatura: its text and metadata."""
    import trafilatura

    declared = re.search(rb"charset=[\"']?([\w-]+)", raw[:4096])
    try:
        text = decode_text(raw)[0]
    except Unreadable:
        try:
            text = raw.decode(declared[1].decode() if declared else "utf-8")
        except (LookupError, UnicodeDecodeError) as error:
            raise Unreadable("undecodable", str(error)) from None
    if not text.strip():
        raise Unreadable("empty", "the page is empty")
    try:
        found: Any = trafilatura.bare_extraction(text, with_metadata=True, include_comments=False)
    except Exception as error:  # its libraries raise arbitrary exceptions on invalid pages
        raise Unreadable("damaged", f"the page cannot be parsed ({error})") from None
    if found is None or not found.text:
        raise Unreadable("navigation", "no article was found on the page")
    return {
        "text": found.text,
        "title": found.title,
        "author": found.author,
        "outlet": found.sitename,
        "date": found.date,
        "url": found.url,
    }


def _warc(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
    from warcio.archiveiterator import ArchiveIterator

    number = -1
    try:
        for record in ArchiveIterator(stream):
            if record.rec_type not in ("response", "resource"):
                continue
            number += 1
            kind = (record.http_headers or record.rec_headers).get_header("Content-Type") or ""
            if "html" not in kind:
                yield Rejected(
                    file.name, number, "unknown_kind", f"{kind or 'no type'}, not a web page"
                )
                continue
            raw = record.content_stream().read(4 * MAX_CHARACTERS + 1)
            try:
                if len(raw) > 4 * MAX_CHARACTERS:
                    raise Unreadable("oversize", f"more than {4 * MAX_CHARACTERS:,} bytes")
                row = extract_article(raw)
            except Unreadable as error:
                yield Rejected(file.name, number, error.reason, error.detail)
                continue
            row["url"] = record.rec_headers.get_header("WARC-Target-URI") or row["url"]
            row["crawled"] = record.rec_headers.get_header("WARC-Date")
            yield row | {_ROW: number}
        stream.read(1)  # raises if the archive is truncated, which warcio takes for its end
    except Exception as error:  # warcio raises arbitrary exceptions on invalid headers
        raise Unreadable("damaged", f"not WARC from here on ({error})", number + 1) from None
    if number < 0:
        raise Unreadable("empty", "no response in the archive")


def _leipzig(stream: IO[bytes], file: SourceFile) -> Iterator[Row | Rejected]:
    """Sentences of the Leipzig Corpora, joined into articles if companion files say how."""
    text, _ = _decoded(stream)
    sentences: dict[str, str] = {}
    for number, line in enumerate(text):
        key, tab, sentence = line.rstrip("\r\n").partition("\t")
        if not tab or not key.isdigit():
            yield Rejected(file.name, number, "malformed", f"line {number + 1}: no number and tab")
        else:
            sentences[key] = sentence
    beside = {name: _companion(file, name) for name in ("sources", "inv_so")}
    if not all(beside.values()):
        for number, sentence in enumerate(sentences.values()):
            yield {"text": sentence, _ROW: number}
        return
    about = {fields[0]: fields for fields in beside["sources"]}
    articles: dict[str, list[str]] = {}
    for article, key in (fields[:2] for fields in beside["inv_so"] if len(fields) > 1):
        articles.setdefault(article, []).append(key)
    for number, (article, keys) in enumerate(articles.items()):
        _, url, day = (*about.get(article, (article,)), None, None)[:3]
        held = [sentences.pop(key) for key in keys if key in sentences]
        yield {"text": "\n".join(held), "url": url, "date": day, _ROW: number}
    for number, sentence in enumerate(sentences.values(), len(articles)):
        yield {"text": sentence, _ROW: number}


def _companion(file: SourceFile, name: str) -> list[list[str]]:
    path = file.path.replace("-sentences.txt", f"-{name}.txt")
    if "://" not in path and not Path(path).is_file():
        return []
    with open_source(path) as (stream, _):
        return [line.rstrip("\r\n").split("\t") for line in _decoded(stream)[0]]


_READERS: dict[str, Callable[[IO[bytes], SourceFile], Iterator[Row | Rejected]]] = {
    ".txt": _text,
    ".csv": _table(None),
    ".tsv": _table("\t"),
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": _parquet,
    ".html": _html,
    ".htm": _html,
    ".warc": _warc,
}
