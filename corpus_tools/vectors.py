"""Vectors on disk and in memory: gensim `KeyedVectors`, safetensors, word2vec, and no pickles.

safetensors holds a model whole: vectors, counts, replicates and what they were made of in one
file, of bytes and JSON. The word2vec format is what other tools read; what it has no room for
stands beside it.
"""

from __future__ import annotations

import csv
import json
import os
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

_ATTRIBUTES = ("count", "documents")


def keyed_vectors(vectors: np.ndarray, words: pl.DataFrame) -> KeyedVectors:
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


def save(
    vectors: KeyedVectors,
    path: str | Path,
    *,
    ensemble: Sequence[KeyedVectors] = (),
    about: dict[str, Any] | None = None,
) -> None:
    """Write vectors with their counts, their replicates and what they were made of.

    Args:
        vectors: A model.
        path: A name that ends in ``.safetensors``: one file with everything. Any other: the
            word2vec format (binary for ``.bin``), and beside it ``PATH.json`` (what it was made
            of), ``PATH.words.csv`` (counts) and ``PATH.1``, ``PATH.2`` ... (replicates).
        ensemble: Replicates of the model.
        about: What it was made of, kept as JSON.
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    facts = {"replicates": len(ensemble), **(about or {})}
    if place.suffix == ".safetensors":
        _save_whole(vectors, place, ensemble, facts)
        return
    binary = place.suffix == ".bin"
    for number, model in enumerate([vectors, *ensemble]):
        file = place if number == 0 else Path(f"{place}.{number}")
        model.save_word2vec_format(str(file), binary=binary, sort_attr=None)
    text = json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True)
    Path(f"{place}.json").write_text(text + "\n", encoding="utf-8")
    with Path(f"{place}.words.csv").open("w", encoding="utf-8", newline="") as file_:
        rows = csv.writer(file_, lineterminator="\n")
        rows.writerow(["word", *_ATTRIBUTES])
        for word in vectors.index_to_key:
            rows.writerow([word, *(int(vectors.get_vecattr(word, a)) for a in _ATTRIBUTES)])


def _save_whole(
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
    # Written beside its place and moved there whole; save_file keeps others from reading it.
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.touch()
        mode = beside.stat().st_mode
        save_file(tensors, str(beside), metadata)
        beside.chmod(mode)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def open(path: str | Path) -> tuple[KeyedVectors, list[KeyedVectors]]:
    """Vectors in the word2vec format or safetensors, and their replicates if there are any.

    Raises:
        BadInput: The file is missing or is no such file; pickled models are never opened, since
            opening one runs whatever its maker put in it.
    """
    place = Path(path)
    if not place.is_file():
        raise BadInput(f"{place} does not exist: make vectors with corpus-tools embed.")
    _refuse_pickles(place)
    if place.suffix == ".safetensors":
        return _open_whole(place)
    about = Path(f"{place}.json")
    facts = json.loads(about.read_text("utf-8")) if about.is_file() else {}
    names = [place, *(Path(f"{place}.{n + 1}") for n in range(facts.get("replicates", 0)))]
    try:
        vectors, *ensemble = [
            _with_norms(KeyedVectors.load_word2vec_format(str(name), binary=place.suffix == ".bin"))
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


def _open_whole(place: Path) -> tuple[KeyedVectors, list[KeyedVectors]]:
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
        vectors, *ensemble = [keyed_vectors(tensors[name], words) for name in names]
    except (safetensors.SafetensorError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
        raise BadInput(
            f"{place} holds no vectors of this package ({error}): make it again."
        ) from None
    for attribute in set(_ATTRIBUTES) - set(known):
        del vectors.expandos[attribute]
    return vectors, ensemble
