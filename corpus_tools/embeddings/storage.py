"""Vectors on disk and in memory: gensim `KeyedVectors`, safetensors, word2vec, and no pickles.

A safetensors file holds a whole model: vectors, counts, replicates and what they were made from,
as bytes and JSON. The word2vec format is what other tools read; what it has no room for is written
beside it.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import safetensors
from gensim.models import KeyedVectors
from safetensors.numpy import save_file

from corpus_tools.errors import BadInput
from corpus_tools.files import write_json, write_whole

_ATTRIBUTES = ("count", "documents")
_WORD2VEC_SUFFIXES = (".txt", ".vec", ".w2v", ".bin")


def make_keyed_vectors(vectors: np.ndarray, words: pl.DataFrame) -> KeyedVectors:
    """Rows of an array as vectors of words, with the ``count`` and ``documents`` of each word."""
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words["word"].to_list(), vectors.astype(np.float32))
    for attribute in _ATTRIBUTES:
        keyed.expandos[attribute] = words[attribute].to_numpy().astype(np.int64)
    return _with_norms(keyed)


def _with_norms(keyed: KeyedVectors) -> KeyedVectors:
    # A word with no positive PPMI has the zero vector: near nothing, and no division by zero.
    norms = np.linalg.norm(keyed.vectors, axis=1)
    keyed.norms = np.where(norms > 0, norms, 1).astype(np.float32)
    return keyed


def save_vectors(
    vectors: KeyedVectors,
    path: str | Path,
    *,
    ensemble: Sequence[KeyedVectors] = (),
    about: dict[str, Any] | None = None,
) -> None:
    """Write vectors with their counts, their replicates and what they were made from.

    Args:
        vectors: A model.
        path: The file to write. A name that ends in ``.txt``, ``.vec``, ``.w2v`` or ``.bin`` asks
            for the word2vec format (binary for ``.bin``), and beside it ``PATH.json`` (what it was
            made from), ``PATH.words.csv`` (counts) and ``PATH.1``, ``PATH.2`` ... (replicates). Any
            other name gives safetensors: one file with everything, a tenth of the time.
        ensemble: Replicates of the model.
        about: What it was made from, kept as JSON.
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    facts = {"replicates": len(ensemble), **(about or {})}
    if place.suffix.lower() not in _WORD2VEC_SUFFIXES:
        _save_safetensors(vectors, place, ensemble, facts)
        return
    binary = place.suffix.lower() == ".bin"
    for number, model in enumerate([vectors, *ensemble]):
        file = place if number == 0 else Path(f"{place}.{number}")
        with write_whole(file) as beside:
            model.save_word2vec_format(str(beside), binary=binary, sort_attr=None)
    with (
        write_whole(f"{place}.words.csv") as beside,
        beside.open("w", encoding="utf-8", newline="") as table,
    ):
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["word", *_ATTRIBUTES])
        for word in vectors.index_to_key:
            rows.writerow([word, *(int(vectors.get_vecattr(word, a)) for a in _ATTRIBUTES)])
    write_json(facts, f"{place}.json")


def _save_safetensors(
    vectors: KeyedVectors, place: Path, ensemble: Sequence[KeyedVectors], facts: dict[str, Any]
) -> None:
    tensors = {"vectors": vectors.vectors}
    for attribute in _ATTRIBUTES:
        if attribute in vectors.expandos:
            tensors[attribute] = np.asarray(vectors.expandos[attribute], dtype=np.int64)
    for number, model in enumerate(ensemble):
        tensors[f"replicate_{number + 1}"] = model.vectors
    words = json.dumps(vectors.index_to_key, ensure_ascii=False)
    metadata = {"words": words, "about": json.dumps(facts, ensure_ascii=False, sort_keys=True)}
    with write_whole(place) as beside:
        beside.touch()
        mode = beside.stat().st_mode
        save_file(tensors, str(beside), metadata)
        beside.chmod(mode)  # save_file makes a file that only its owner can read


def open_vectors(path: str | Path) -> tuple[KeyedVectors, list[KeyedVectors]]:
    """Vectors in the word2vec format or safetensors, and their replicates if there are any.

    Raises:
        BadInput: The file is missing or in neither format. Pickled models are never opened, because
            opening one runs whatever its maker put in it.
    """
    place = Path(path)
    if not place.is_file():
        raise BadInput(f"{place} does not exist: make vectors with corpus-tools embed.")
    if _is_safetensors(place):
        return _open_safetensors(place)
    _refuse_pickles(place)
    if place.suffix == ".safetensors":
        raise BadInput(f"{place} does not begin as safetensors do: make it again.")
    about = Path(f"{place}.json")
    facts = json.loads(about.read_text("utf-8")) if about.is_file() else {}
    names = [place, *(Path(f"{place}.{n + 1}") for n in range(facts.get("replicates", 0)))]
    try:
        vectors, *ensemble = [
            _with_norms(
                KeyedVectors.load_word2vec_format(str(name), binary=place.suffix.lower() == ".bin")
            )
            for name in names
        ]
    except (ValueError, EOFError, UnicodeDecodeError, FileNotFoundError) as error:
        raise BadInput(f"{place} is not in the word2vec format ({error}): make it again.") from None
    words = Path(f"{place}.words.csv")
    if words.is_file():
        for row in pl.read_csv(words, schema_overrides={"word": pl.String}).iter_rows(named=True):
            for attribute in _ATTRIBUTES:
                vectors.set_vecattr(row["word"], attribute, row[attribute])
    return vectors, ensemble


def _is_safetensors(place: Path) -> bool:
    """Whether a file begins as safetensors does: the length of a JSON header, then the header."""
    with place.open("rb") as file:
        start = file.read(9)
    length = int.from_bytes(start[:8], "little")
    return start[8:] == b"{" and length + 8 <= place.stat().st_size


def _refuse_pickles(place: Path) -> None:
    """Say no to gensim's own models, pickles of any protocol, and archives that hold one."""
    with place.open("rb") as file:
        start, end = file.read(8), b""
        if place.stat().st_size:
            file.seek(-1, 2)
            end = file.read()
    # Protocols 2 and later begin with a mark; those before are text that ends in a full stop.
    pickled = start[:1] == b"\x80" or (start[:1] in b"(cl" and end == b".")
    if not pickled and zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            pickled = any(name.endswith((".pkl", ".npy")) for name in archive.namelist())
    if pickled or start[:6] == b"\x93NUMPY":
        raise BadInput(
            f"{place} is a pickled model, which is not safe to open: opening it would run what its "
            "maker put in it. Ask for it in the word2vec format or as safetensors."
        )


def _open_safetensors(place: Path) -> tuple[KeyedVectors, list[KeyedVectors]]:
    try:
        with safetensors.safe_open(str(place), "np") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        words = pl.DataFrame({"word": json.loads(metadata["words"])}, schema={"word": pl.String})
        known = [name for name in _ATTRIBUTES if name in tensors]
        counts = {n: tensors.get(n, np.zeros(words.height, np.int64)) for n in _ATTRIBUTES}
        words = words.with_columns(pl.Series(name, counts[name]) for name in _ATTRIBUTES)
        replicates = sum(name.startswith("replicate_") for name in tensors)
        names = ["vectors", *(f"replicate_{n + 1}" for n in range(replicates))]
        vectors, *ensemble = [make_keyed_vectors(tensors[name], words) for name in names]
    except (safetensors.SafetensorError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
        raise BadInput(
            f"{place} holds no vectors of this package ({error}): make it again."
        ) from None
    for attribute in set(_ATTRIBUTES) - set(known):
        del vectors.expandos[attribute]
    return vectors, ensemble
