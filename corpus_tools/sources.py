"""Any file to rows: one Polars frame of raw texts a file, with where each came from.

A row is what a source holds about one article. Nothing is judged here but whether the file can
be read at all; `corpus_tools.documents` decides what becomes a document.
"""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import polars as pl

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
SUFFIXES = (".txt", ".json", ".zip")

# "author - outlet domain": the first line of an article saved as text.
_BYLINE = re.compile(
    r"^(?P<author>[^-–—|]+?)\s*[-–—|]\s*(?P<outlet>.+?)(?:\s+(?P<url>[a-z0-9.-]+\.[a-z]{2,}))?$"
)


def read(sources: Sequence[str | Path]) -> Iterator[pl.DataFrame]:
    """The rows of all sources, a frame a file, files in the order of their names.

    Args:
        sources: Files and folders; a folder is read with what is below it. Understood are
            ``.txt`` (an article each, its first line the byline ``author - outlet domain``;
            a ``.toml`` of the same name beside it adds metadata), ``.json`` (an array of
            objects) and ``.zip`` (of such arrays).

    Yields:
        Frames with ``text``, ``source`` (file), ``row`` (from 0, null for a file that is one
        article) and whatever else the source says, under the names of `COLUMNS` where they fit.

    Raises:
        BadInput: A source is missing, empty or not what its name says.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("ليلى- الخبر alkhabar.example\\nنص.", "utf-8")
    ...     next(read([folder])).select("text", "author", "outlet", "url", "source").row(0)
    ('نص.', 'ليلى', 'الخبر', 'alkhabar.example', 'a.txt')
    """
    for source in sources:
        root = Path(source)
        for path in files(root):
            name = path.name if path == root else path.relative_to(root).as_posix()
            match path.suffix.lower():
                case ".txt":
                    yield _text(path, name)
                case ".json":
                    yield _rows(path.read_bytes(), path, name)
                case ".zip":
                    yield from _archive(path, name)


def files(source: str | Path) -> list[Path]:
    """The files of a source that `read` understands, in the order of their names.

    Raises:
        BadInput: The source is missing, or holds no such file.
    """
    root = Path(source)
    if not root.exists():
        raise BadInput(f"{root} does not exist: name a file or folder of articles that does.")
    if root.is_file():
        if root.suffix.lower() not in SUFFIXES:
            raise BadInput(f"{root} is of no known kind: it must end in one of {_kinds()}.")
        return [root]
    # manifest.json is what this package writes beside its own tables, never an article.
    found = sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.name != "manifest.json" and path.is_file()
    )
    if not found:
        raise BadInput(f"{root} holds no articles: put files there that end in {_kinds()}.")
    return found


def _kinds() -> str:
    return ", ".join(SUFFIXES)


def _decode(raw: bytes, path: Path | str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path} is not UTF-8 (byte {error.start}): save it again with that encoding."
        ) from None


def _text(path: Path, name: str) -> pl.DataFrame:
    whole = _decode(path.read_bytes(), path)
    if not whole.strip():
        raise BadInput(f"{path} is empty: put an article in it or remove it.")
    byline, _, text = whole.partition("\n")
    if not text.strip():
        raise BadInput(f"{path} holds one line only: the article must follow its byline.")
    row = {"text": text, "source": name, "row": None} | read_byline(byline, path)
    return pl.DataFrame([row | _metadata(path.with_suffix(".toml"))], infer_schema_length=None)


def read_byline(line: str, path: Path | str = "the text") -> dict[str, str | None]:
    """Author, outlet and address from the first line of an article, ``author - outlet domain``.

    Raises:
        BadInput: The line names no outlet; `path` is the file that the message blames.

    >>> read_byline("محمد الشاوي- بلاحدود bilahodoud.ma")
    {'author': 'محمد الشاوي', 'outlet': 'بلاحدود', 'url': 'bilahodoud.ma'}
    """
    found = _BYLINE.match(line.strip())
    # A byline is short: a long first line with a dash in it is the article itself.
    if found is None or len(line) > 120 or re.fullmatch(r"[a-z0-9.-]+", found["outlet"]):
        shown = line.strip()[:60]
        raise BadInput(
            f"{path} names no outlet in its byline «{shown}»: "
            "make its first line «author - outlet domain»."
        )
    return found.groupdict()


def _metadata(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(_decode(path.read_bytes(), path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not TOML ({error}): correct that line.") from None


def _archive(path: Path, name: str) -> Iterator[pl.DataFrame]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(m for m in archive.namelist() if PurePosixPath(m).suffix == ".json")
            if not members:
                raise BadInput(f"{path} holds no .json file: put one in it or remove it.")
            for member in members:
                place = name if len(members) == 1 else f"{name}/{member}"
                yield _rows(archive.read(member), f"{path}/{member}", place)
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise BadInput(f"{path} cannot be unpacked ({error}): fetch or make it again.") from None


def _rows(raw: bytes, path: Path | str, name: str) -> pl.DataFrame:
    try:
        rows = json.loads(_decode(raw, path))
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{path} is not JSON (line {error.lineno}: {error.msg}): correct or fetch it again."
        ) from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput(f"{path} is no array of articles: make it a JSON array of objects.")
    frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    return with_known_names(frame, path).with_columns(
        pl.lit(name).alias("source"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    )


def with_known_names(frame: pl.DataFrame, path: Path | str) -> pl.DataFrame:
    """Rename columns to the names of `COLUMNS`; a frame without a text is `BadInput`.

    >>> with_known_names(pl.DataFrame({"content": ["نص"], "source": ["الخبر"]}), "a.json").columns
    ['text', 'outlet']
    """
    names = {
        next(usual for usual in usuals if usual in frame.columns): name
        for name, usuals in COLUMNS.items()
        if any(usual in frame.columns for usual in usuals)
    }
    if "text" not in names.values():
        raise BadInput(
            f"{path} has no column of texts: name one of them {', '.join(COLUMNS['text'])}."
        )
    return frame.rename(names)
