"""Vectors on disk and in memory: gensim `KeyedVectors`, the word2vec format, and no pickles."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from gensim.models import KeyedVectors

from corpus_tools.errors import BadInput


def keyed_vectors(vectors: np.ndarray, words: pl.DataFrame) -> KeyedVectors:
    """Rows of an array as vectors of words, with the ``count`` and ``documents`` of each word."""
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words["word"].to_list(), vectors.astype(np.float32))
    for attribute in ("count", "documents"):
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
    ensemble: list[KeyedVectors] | None = None,
    about: dict[str, Any] | None = None,
) -> None:
    """Write vectors in the word2vec format (binary where the name ends in ``.bin``).

    Beside them: ``PATH.json`` (what they were made of), ``PATH.words.csv`` (count and documents of
    each word) and a file ``PATH.1``, ``PATH.2`` ... for each replicate.
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    binary = place.suffix == ".bin"
    for number, model in enumerate([vectors, *(ensemble or [])]):
        file = place if number == 0 else Path(f"{place}.{number}")
        model.save_word2vec_format(str(file), binary=binary, sort_attr=None)
    facts = {"replicates": len(ensemble or []), **(about or {})}
    text = json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True)
    Path(f"{place}.json").write_text(text + "\n", encoding="utf-8")
    with Path(f"{place}.words.csv").open("w", encoding="utf-8", newline="") as file_:
        rows = csv.writer(file_, lineterminator="\n")
        rows.writerow(["word", "count", "documents"])
        for word in vectors.index_to_key:
            rows.writerow(
                [word, *(int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))]
            )


def open(path: str | Path) -> tuple[KeyedVectors, list[KeyedVectors]]:
    """Vectors in the word2vec format, and their replicates if there are any.

    Raises:
        BadInput: The file is missing or is no such file; pickled models are never opened, since
            opening one runs whatever its maker put in it.
    """
    place = Path(path)
    if not place.is_file():
        raise BadInput(f"{place} does not exist: make vectors with corpus-tools embed.")
    with place.open("rb") as file:
        start = file.read(2)
    if start[:1] == b"\x80":
        raise BadInput(
            f"{place} is a pickled model, which is not safe to open: save it as word2vec."
        )
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
            vectors.set_vecattr(row["word"], "count", row["count"])
            vectors.set_vecattr(row["word"], "documents", row["documents"])
    return vectors, ensemble
