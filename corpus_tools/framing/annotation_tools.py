"""Exports of annotation tools (doccano, Label Studio, INCEpTION), each as texts with spans.

Every reader returns, for each coder and text, the coder's name, the text's name, the text, and its
spans: start, end (in characters) and label. A label of a whole text is a span of all of it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus_tools.errors import BadInput
from corpus_tools.framing.refi_qda import parse_xml, read_member, read_qdpx

Span = tuple[int, int, str]
AnnotatedText = tuple[str, str, str, list[Span]]
# INCEpTION's own layers of words and settings hold no codes.
_NO_CODES = ("Token", "Sentence", "DocumentMetaData", "TagDescription", "TagsetDescription",
             "FeatureDefinition", "LayerDefinition", "CASMetadata", "DocumentAnnotation",
             "Lemma", "POS", "Paragraph")  # fmt: skip


def read_export(path: str | Path) -> list[AnnotatedText]:
    """Read the annotations of a file, by its suffix and content.

    Args:
        path: ``.jsonl`` or ``.json`` of doccano, ``.json`` of Label Studio, ``.xmi`` of INCEpTION
            with its type system beside it, ``.qdpx``; or a ``.zip`` of one of the first three.

    Raises:
        BadInput: The file is missing or of an unknown kind, or an entry of it cannot be read.
    """
    place = Path(path)
    if not place.is_file():
        raise BadInput(f"{place} is not a file: name an export of an annotation tool.")
    match place.suffix.lower():
        case ".qdpx":
            return read_qdpx(place)
        case ".xmi":
            beside = sorted(place.parent.glob("*ype*ystem*.xml"))
            if not beside:
                raise BadInput(f"{place}: TypeSystem.xml is not beside it: put it there.")
            data = (place.read_bytes(), beside[0].read_bytes())
            return [_cas(*data, place.stem, place.name, str(place))]
        case ".zip":
            return _archive(place)
        case ".json" | ".jsonl":
            return _json(place.read_bytes(), place.stem, str(place))
    raise BadInput(
        f"{place} is of an unknown kind: .csv, .tsv, .json, .jsonl, .xmi, .zip and .qdpx are read."
    )


def _archive(path: Path) -> list[AnnotatedText]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BadInput(f"{path} is not a valid zip archive: export it again.") from None
    with archive:
        found = list(_members(archive, str(path), path.stem))
    if not found:
        raise BadInput(f"{path} holds no .xmi, .json or .jsonl: export annotations into it.")
    return found


def _members(archive: zipfile.ZipFile, source: str, name: str) -> Iterator[AnnotatedText]:
    names = archive.namelist()
    systems = [n for n in names if n.lower().endswith("typesystem.xml")]
    # "all.jsonl" of doccano repeats what each coder's own file holds.
    several = [n for n in names if n.endswith(".jsonl") and Path(n).stem != "all"]
    for inner in sorted(names):
        stem, suffix = Path(inner).stem, Path(inner).suffix.lower()
        where = f"{source}: {inner}"
        if suffix == ".xmi" and systems:
            data = read_member(archive, inner, source)
            yield _cas(data, read_member(archive, systems[0], source), stem, name, where)
        elif stem == "INITIAL_CAS":  # of INCEpTION: the text before anybody saw it
            continue
        elif suffix == ".zip" and ("annotation/" in inner or "curation/" in inner):
            # A project of INCEpTION: annotation/TEXT/CODER.zip, each with one .xmi.
            inside = io.BytesIO(read_member(archive, inner, source))
            if not zipfile.is_zipfile(inside):
                raise BadInput(f"{where} is not a valid zip archive: export it again.")
            with zipfile.ZipFile(inside) as nested:
                yield from _members(nested, where, Path(inner).parent.name)
        elif suffix == ".jsonl" and (not several or inner in several):
            yield from _json(read_member(archive, inner, source), stem, where)


def _json(data: bytes, coder: str, source: str) -> list[AnnotatedText]:
    try:
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("["):
            entries = json.loads(text)
        else:
            entries = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise BadInput(f"{source} is not valid JSON ({error}): export it again.") from None
    found: list[AnnotatedText] = []
    for number, entry in enumerate(entries, 1):
        try:
            if isinstance(entry.get("data"), dict):
                found += _label_studio(entry, number)
            else:
                found += _doccano(entry, number, coder)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise BadInput(
                f"{source}: entry {number} is neither doccano's nor Label Studio's ({error!r})."
            ) from None
    return found


def _name(entry: dict[str, Any], number: int) -> str:
    about = entry.get("meta") if isinstance(entry.get("meta"), dict) else {}
    for place in (entry, about or {}):
        for key in ("document", "article", "filename", "name"):
            if isinstance(place.get(key), str):
                return str(place[key])
    return str(entry.get("id", number))


def _doccano(entry: dict[str, Any], number: int, coder: str) -> list[AnnotatedText]:
    text = entry["text"] if "text" in entry else entry["data"]
    if not isinstance(text, str):
        raise TypeError("no text")
    labels: list[Any] = next((entry[k] for k in ("label", "labels", "entities") if k in entry), [])
    spans: list[Span] = []
    for label in labels:
        if isinstance(label, str):  # of the whole text
            spans.append((0, len(text), label))
            continue
        if isinstance(label, dict):
            label = [label["start_offset"], label["end_offset"], label["label"]]
        start, end = (_of_units(text, int(place)) for place in label[:2])
        spans.append((start, end, str(label[2])))
    return [(coder, _name(entry, number), text, spans)]


def _of_units(text: str, place: int) -> int:
    """The character at a position counted in UTF-16 units, as browsers count: emoji are two."""
    if text.isascii() or max(text) <= "\uffff" or place < 0:
        return place
    return len(text.encode("utf-16-le")[: 2 * place].decode("utf-16-le", "ignore"))


def _marked(text: str, value: dict[str, Any]) -> tuple[int, int]:
    """The span of a Label Studio mark; its versions count differently, but repeat the words."""
    start, end = int(value.get("start", 0)), int(value.get("end", len(text)))
    words = value.get("text")
    in_units = _of_units(text, start), _of_units(text, end)
    if not isinstance(words, str) or not words or text[start:end] == words:
        return start, end
    if text[slice(*in_units)] == words:
        return in_units
    found = [at for at in range(len(text)) if text.startswith(words, at)]
    if not found:
        return start, end
    nearest = min(found, key=lambda at: abs(at - start))
    return nearest, nearest + len(words)


def _label_studio(entry: dict[str, Any], number: int) -> list[AnnotatedText]:
    data = entry["data"]
    texts = [
        data[key] for key in ("text", "content", "paragraph") if isinstance(data.get(key), str)
    ]
    text = (texts or [value for value in data.values() if isinstance(value, str)])[0]
    found = []
    for annotation in entry.get("annotations") or entry.get("completions") or []:
        if annotation.get("was_cancelled"):
            continue
        by = annotation.get("completed_by", "?")
        coder = str(by.get("email") or by.get("id")) if isinstance(by, dict) else str(by)
        spans: list[Span] = []
        for result in annotation.get("result", []):
            value = result.get("value", {})
            start, end = _marked(text, value)
            for label in value.get("labels") or value.get("choices") or []:
                spans.append((start, end, str(label)))
        name = _name(data, 0)
        found.append((coder, name if name != "0" else str(entry.get("id", number)), text, spans))
    return found


def _cas(xmi: bytes, types: bytes, coder: str, name: str, source: str) -> AnnotatedText:
    """A text of INCEpTION, as UIMA CAS in XMI; every string on a span of a layer is a label."""
    import cassis

    for part in (xmi, types):
        parse_xml(part, source)  # says what is wrong, and keeps entities out
    try:
        system = cassis.load_typesystem(io.BytesIO(types))
        cas = cassis.load_cas_from_xmi(io.BytesIO(xmi), typesystem=system)
        text = str(cas.sofa_string)
        spans: list[Span] = []
        for annotation in cas.select("uima.tcas.Annotation"):
            kind = annotation.type
            if not hasattr(annotation, "begin") or kind.name.split(".")[-1] in _NO_CODES:
                continue
            for feature in kind.all_features:
                value = getattr(annotation, feature.name, None)
                values = getattr(value, "elements", None) or [value]
                spans += [(annotation.begin, annotation.end, v) for v in values if _label(v)]
    except Exception as error:  # cassis has no common error for what it cannot read
        raise BadInput(f"{source} is not a CAS in INCEpTION's format ({error!r}).") from None
    return coder, name, text, spans


def _label(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
