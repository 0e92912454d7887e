"""REFI-QDA: codebooks and projects as NVivo, ATLAS.ti, MAXQDA and others exchange them.

A codebook is one XML file (``.qdc``); a project is an archive (``.qdpx``) of ``project.qde`` and
its texts. Of a project, codings of plain text are read, but no pictures, sounds or memos. After the
REFI-QDA standard 1.5 (2019), https://www.qdasoftware.org.
"""

from __future__ import annotations

import re
import uuid
import zipfile
import zlib
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from corpus_tools.errors import BadInput
from corpus_tools.files import write_whole

QDC_NAMESPACE = "urn:QDA-XML:codebook:1.0"
MAX_MEMBER_BYTES = 500 << 20  # bytes that a part of an archive may unpack to
_SPACE = uuid.UUID("6f3d1d5e-0f0e-5b0a-9a38-1d1f0c7e4b11")  # of the names made here


def _guid(*names: str) -> str:
    """A GUID that is always the same for the same names."""
    return str(uuid.uuid5(_SPACE, "/".join(names))).upper()


def write_qdc(frames: pl.DataFrame, path: str | Path) -> None:
    """Write a codebook as ``.qdc``; each code's description holds definition, source and rules.

    The format has no place for cues; they stay in the TOML file.

    Args:
        frames: The table ``frames`` of a `corpus_tools.framing.codebook.Codebook`.
        path: The file to write; an existing file is replaced.
    """
    root = etree.Element(
        f"{{{QDC_NAMESPACE}}}CodeBook", nsmap={None: QDC_NAMESPACE}, origin="corpus-tools"
    )
    codes = etree.SubElement(root, f"{{{QDC_NAMESPACE}}}Codes")
    for frame in frames.iter_rows(named=True):
        name = frame["frame"]
        code = etree.SubElement(
            codes, f"{{{QDC_NAMESPACE}}}Code", guid=_guid("code", name), name=name, isCodable="true"
        )
        about = etree.SubElement(code, f"{{{QDC_NAMESPACE}}}Description")
        about.text = "\n".join(_description(frame))
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    with write_whole(path) as beside:
        beside.write_bytes(data)


# A line of a description that begins so is read back into its field.
_LINES = {"arabic": "Arabic", "english": "English", "definition": "Coded when the paragraph",
          "source": "Source", "include": "Include", "exclude": "Exclude", "example": "Example",
          "counterexample": "Not"}  # fmt: skip


def _description(frame: dict[str, Any]) -> list[str]:
    lines = [
        f"{_LINES[key]}: {frame[key]}" for key in ("arabic", "english", "definition", "source")
    ]
    lines += [f"{_LINES[key]}: {rule}" for key in ("include", "exclude") for rule in frame[key]]
    for key in ("example", "counterexample"):
        if frame[key]:
            lines.append(f"{_LINES[key]}: {frame[key]} ({frame[f'{key}_gloss']})")
    return lines


def read_qdc(path: str | Path) -> list[dict[str, Any]]:
    """Read the codes of a ``.qdc`` file as frames for `corpus_tools.framing.codebook`.

    What `write_qdc` wrote into a description is read back into its fields; another program's
    description becomes the definition. Codes below other codes are frames too. There are no cues.

    Raises:
        BadInput: The file is missing or not a REFI-QDA codebook.
    """
    try:
        root = parse_xml(Path(path).read_bytes(), str(path))
    except (FileNotFoundError, IsADirectoryError):
        raise BadInput(f"{path} is not a file: name a codebook file.") from None
    if etree.QName(root).localname != "CodeBook":
        raise BadInput(f"{path} is not a REFI-QDA codebook: export one from your program as .qdc.")
    frames = []
    for code in root.iterfind(".//{*}Code"):
        name = normalize_code(code.get("name", ""))
        about = code.findtext("{*}Description") or ""
        frame: dict[str, Any] = {"include": [], "exclude": []}
        for line in about.splitlines():
            for key, head in _LINES.items():
                if line.startswith(f"{head}: "):
                    _put(frame, key, line.removeprefix(f"{head}: "))
        frame |= {"name": name}
        frame.setdefault("definition", " ".join(about.split()) or name)
        frame.setdefault("arabic", name)
        frame.setdefault("english", code.get("name", name) or name)
        frame.setdefault("source", str(root.get("origin") or path))
        frames.append(frame)
    return frames


def _put(frame: dict[str, Any], key: str, text: str) -> None:
    if key in ("include", "exclude"):
        frame[key].append(text)
    elif key in ("example", "counterexample"):
        found = re.fullmatch(r"(.*) \((.*)\)", text)
        frame[key] = {"ar": found[1], "en": found[2]} if found else {"ar": text, "en": ""}
    else:
        frame[key] = text


def normalize_code(name: str) -> str:
    """The name of a code as the name of a frame: blanks and signs become ``_``.

    >>> normalize_code("Public trust"), normalize_code("القيادة")
    ('public_trust', 'القيادة')
    """
    return re.sub(r"[^\w-]+", "_", name.strip()).strip("_").lower()


def parse_xml(data: bytes, source: str) -> Any:
    """Parse an XML document without entities and without external look-ups; or `BadInput`."""
    if b"<!DOCTYPE" in data[:10_000] or b"<!ENTITY" in data:
        raise BadInput(f"{source} declares entities, which no export needs: it is not read.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{source} is not valid XML ({error}): export it again.") from None


def read_member(archive: zipfile.ZipFile, name: str, source: str) -> bytes:
    """A member of an archive; `BadInput` if it unpacks to more than `MAX_MEMBER_BYTES`."""
    if archive.getinfo(name).file_size > MAX_MEMBER_BYTES:
        raise BadInput(
            f"{source}: {name} unpacks to over {MAX_MEMBER_BYTES >> 20} MB: it is not read."
        )
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise BadInput(f"{source}: {name} cannot be unpacked ({error}): export again.") from None


def read_qdpx(path: str | Path) -> list[tuple[str, str, str, list[tuple[int, int, str]]]]:
    """Read the codings of the texts of a ``.qdpx`` project.

    Positions count Unicode characters. A coding without a user belongs to its selection's user.

    Returns:
        For each user and text: the user's name, the text's name, the text, and its codings: start,
            end
        and code.

    Raises:
        BadInput: The file is not a project, or one of its texts is missing.
    """
    try:
        archive = zipfile.ZipFile(path)
        root = parse_xml(read_member(archive, "project.qde", str(path)), f"{path}: project.qde")
    except (zipfile.BadZipFile, KeyError, OSError):
        raise BadInput(f"{path} is not a REFI-QDA project: export one as .qdpx.") from None
    users = {user.get("guid"): user.get("name") or "?" for user in root.iterfind(".//{*}User")}
    codes = {
        c.get("guid"): normalize_code(c.get("name", ""))
        for c in root.iterfind("{*}CodeBook//{*}Code")
    }
    found = []
    with archive:
        for source in root.iterfind("{*}Sources/{*}TextSource"):
            name, text = source.get("name") or source.get("guid"), _text(archive, source, path)
            by_user: dict[str, list[tuple[int, int, str]]] = {}
            for place in source.iterfind("{*}PlainTextSelection"):
                start, end = (place.get(f"{which}Position", "") for which in ("start", "end"))
                if not (start.isdecimal() and end.isdecimal()):
                    raise BadInput(f"{path}: a selection of {name} has no place: export again.")
                for coding in place.iterfind("{*}Coding"):
                    user = coding.get("creatingUser") or place.get("creatingUser")
                    ref = coding.find("{*}CodeRef")
                    if ref is None or ref.get("targetGUID") not in codes:
                        raise BadInput(f"{path}: a coding of {name} names no code: export again.")
                    spans = by_user.setdefault(users.get(user, "?"), [])
                    spans.append((int(start), int(end), codes[ref.get("targetGUID")]))
            found += [(user, name, text, spans) for user, spans in sorted(by_user.items())]
    return found


def _text(archive: zipfile.ZipFile, source: Any, path: str | Path) -> str:
    inside = source.findtext("{*}PlainTextContent")
    if inside is not None:
        return str(inside)
    place = (source.get("plainTextPath") or "").removeprefix("internal://")
    names = [name for name in archive.namelist() if name.split("/")[-1].lower() == place.lower()]
    if not place or not names:
        raise BadInput(
            f"{path}: the text of {source.get('name')} is not inside: export it with it."
        )
    try:
        return read_member(archive, names[0], str(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: {names[0]} is not UTF-8: export again.") from None
