"""Counts a newspaper corpus into the figures of a reference corpus, which hold no text."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from corpus_tools.arabic.forms import add_form
from corpus_tools.arabic.spelling import NORMAL_STEPS
from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.corpus.near_duplicates import (
    count_shared_reports,
    find_near_duplicates,
    flag_near_copies,
)
from corpus_tools.corpus.storage import replace_folder
from corpus_tools.data import read_table
from corpus_tools.embeddings.cooccurrence import (
    Cooccurrences,
    collect_contexts,
    count_cooccurrences,
    frequent_words,
    merge_documents,
)
from corpus_tools.errors import BadInput
from corpus_tools.files import write_json
from corpus_tools.reference.reference import REFERENCE_FORMAT
from corpus_tools.words.kwic import find_phrases

PAIR_WINDOW = 5
MIN_PAIR_COUNT = 50  # a word of fewer occurrences in the security articles has no pairs
BLOCK_COUNT = 40  # blocks of articles, near-copies apart
BLOCK_SEED = 0  # of dealing articles to blocks


def security_words() -> pl.DataFrame:
    """The words that make an article one on security: ``word``, ``gloss``, ``why``."""
    return read_table("security")


def concept_words() -> pl.DataFrame:
    """The words whose contexts are kept article by article: ``word`` (normal form), ``gloss``."""
    return read_table("concepts")


def find_security_articles(corpus: Corpus) -> pl.Series:
    """The numbers of the documents that hold at least one of the `security_words`."""
    hits = find_phrases(corpus, security_words()["word"].to_list())
    return hits["document"].unique().sort()


def build_reference(
    sources: Corpus | Sequence[str | Path] | str | Path,
    out: str | Path,
    *,
    citation: str | None = None,
    reuse: str | Path | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Count a newspaper corpus into a folder of figures; the same source gives the same bytes.

    Articles that nearly copy an earlier one (see `corpus_tools.corpus.near_duplicates`) are counted
    apart, so that they can be folded or not when the figures are read.

    Args:
        sources: The newspaper corpus, or its sources as `corpus_tools.corpus.build.read_corpus`
            takes them.
        out: The folder to write; a reference corpus that stands there is replaced.
        citation: How the newspaper corpus is to be cited; kept in the manifest.
        reuse: A reference corpus whose lemmas are taken over instead of being computed again.
        progress: Show progress on standard error.

    Returns:
        What is written to ``manifest.json``.

    Raises:
        BadInput: A source cannot be read, none of its articles is on security, or something else
            stands at `out`.
    """
    corpus = sources if isinstance(sources, Corpus) else read_corpus(sources)
    chosen = find_security_articles(corpus)
    if len(chosen) == 0:
        raise BadInput("no article holds a security word: name a newspaper corpus.")
    place = _check_target(out)
    place.parent.mkdir(parents=True, exist_ok=True)
    number = pl.DataFrame({"document": chosen}).with_row_index("number")
    groups = find_near_duplicates(corpus)
    is_copy = flag_near_copies(groups)
    near_copy = is_copy[chosen.to_numpy()]

    words = _reference_words(corpus, is_copy, reuse, progress)
    tokens = corpus.tokens.join(words.select("type", "word"), on="type", how="inner")
    counts = (
        tokens.join(number, on="document")
        .group_by("number", "word")
        .agg(count=pl.len().cast(pl.UInt16))
        .sort("number", "word")
    )
    block = _deal_blocks(near_copy)
    articles = number.select(
        outlet=corpus.documents["outlet"].gather(number["document"]),
        day=corpus.documents["date"].gather(number["document"]).str.head(10),
    ).with_columns(
        block=pl.Series(block),
        near_copy=pl.Series(near_copy),
    )
    lists = counts.group_by("number", maintain_order=True).agg(type="word", count="count")
    kept = number["number"].filter(pl.Series(~near_copy))
    in_order = (
        corpus.words()
        .join(number, on="document", maintain_order="left")
        .with_columns(document="number")
    )
    pairs = count_cooccurrences(
        in_order,
        window=PAIR_WINDOW,
        vocabulary=frequent_words(
            in_order.filter(pl.col("document").is_in(kept.implode())), MIN_PAIR_COUNT
        ),
    )
    blocked = merge_documents(pairs, block, int(block.max()) + 1)
    contexts = collect_contexts(pairs, concept_words()["word"].to_list())
    places = pairs.words.select(context="word").with_row_index("place")
    contexts = contexts.join(places, on="context", how="left", maintain_order="left")
    contexts = contexts.with_columns(context=pl.col("place").cast(pl.UInt16))
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        # The normal form is computed again when the figures are opened, in half a second.
        _write_compressed(words.drop("type", "word", "normal"), beside / "words.parquet")
        _write_compressed(articles.hstack(lists.drop("number")), beside / "articles.parquet")
        _write_compressed(_pack_pairs(blocked), beside / "pairs.parquet")
        _write_compressed(
            contexts.group_by("word", maintain_order=True).agg("document", "context", "weight"),
            beside / "contexts.parquet",
        )
        own = counts.filter(pl.col("number").is_in(kept.implode()))["count"]
        about = {
            "format": REFERENCE_FORMAT,
            "citation": citation,
            "selection": security_words()["word"].to_list(),
            "security_articles": len(kept),
            "security_near_copies": int(near_copy.sum()),
            "security_words": int(own.cast(pl.UInt64).sum()),
            "window": PAIR_WINDOW,
            "min_pair_count": MIN_PAIR_COUNT,
            "words_with_pairs": blocked.words.height,
            "blocks": BLOCK_COUNT,
            "concepts": concept_words()["word"].to_list(),
            "normal": list(NORMAL_STEPS),
            "lemmas": f"qalsadi {version('qalsadi')}",
            "inputs": corpus.inputs.to_dicts(),
            "set_aside": corpus.quarantine.group_by("reason")
            .agg(rows=pl.len())
            .sort("reason")
            .to_dicts(),
            "repairs": corpus.repairs.select("repair", "texts", "times").to_dicts(),
            **{k: corpus.manifest[k] for k in ("read", "duplicates", "quarantined")},
            "documents": int((~is_copy).sum()),
            "near_copies": int(is_copy.sum()),
            "near_copy_groups": groups["group"].drop_nulls().n_unique(),
            "shared_reports": count_shared_reports(groups).to_dicts(),
            "words": int(words["count"].sum()),
            "types": int((words["count"] > 0).sum()),
        }
        write_json(about, beside / "manifest.json")
        replace_folder(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return about


def _check_target(out: str | Path) -> Path:
    """A folder that a reference corpus may be written to; `BadInput` if something else is there."""
    place = Path(out)
    if place.is_dir() and any(place.iterdir()):
        try:
            ours = "security_articles" in json.loads((place / "manifest.json").read_text("utf-8"))
        except (OSError, ValueError):
            ours = False
        if not ours:
            raise BadInput(f"{place} exists and is not a reference corpus: name another folder.")
    return place


def _reference_words(
    corpus: Corpus, is_copy: np.ndarray, reuse: str | Path | None, progress: bool
) -> pl.DataFrame:
    """The word types with their forms, counted in articles and, apart, in near-copies."""
    vocabulary = corpus.vocabulary.filter(pl.col("kind") == "word").with_row_index("word")
    if reuse is None:
        vocabulary = add_form(vocabulary, "lemma", progress=progress)
    else:
        known = pl.read_parquet(Path(reuse) / "words.parquet", columns=["surface", "lemma"])
        vocabulary = vocabulary.join(known, on="surface", how="left", maintain_order="left")
        new = vocabulary.filter(pl.col("lemma").is_null()).drop("lemma")
        if new.height:
            found = add_form(new, "lemma", progress=progress).select("surface", found="lemma")
            vocabulary = vocabulary.join(found, on="surface", how="left", maintain_order="left")
            vocabulary = vocabulary.with_columns(pl.col("lemma").fill_null(pl.col("found")))
    copied = (
        corpus.tokens.filter(pl.Series(is_copy[corpus.tokens["document"].to_numpy()]))
        .group_by("type")
        .agg(
            copies=pl.len().cast(pl.UInt32),
            copy_documents=pl.col("document").n_unique().cast(pl.UInt32),
        )
    )
    vocabulary = vocabulary.join(copied, on="type", how="left", maintain_order="left")
    vocabulary = vocabulary.with_columns(pl.col("copies", "copy_documents").fill_null(0))
    return vocabulary.select(
        "type",
        "word",
        "surface",
        "normal",
        "lemma",
        pl.col("count") - pl.col("copies"),
        pl.col("documents") - pl.col("copy_documents"),
        "copies",
        "copy_documents",
    )


def _deal_blocks(near_copy: np.ndarray) -> np.ndarray:
    """The block of each article: blocks of one size, give or take one, near-copies in their own.

    >>> blocks = _deal_blocks(np.arange(90) >= 80)
    >>> np.bincount(blocks).tolist()[-7:]
    [2, 2, 2, 2, 2, 2, 2]
    """
    rng = np.random.default_rng(BLOCK_SEED)
    own, copies = int((~near_copy).sum()), int(near_copy.sum())
    block = np.zeros(len(near_copy), np.uint8)
    block[~near_copy] = rng.permutation(np.arange(own) % BLOCK_COUNT)
    if copies:
        size = max(own / BLOCK_COUNT, 1.0)
        number = max(round(copies / size), 1)
        block[near_copy] = BLOCK_COUNT + rng.permutation(np.arange(copies) % number)
    return block


def _pack_pairs(pairs: Cooccurrences) -> pl.DataFrame:
    """One row per word, in their order: its pairs with words that are not more frequent."""
    times = np.diff(pairs.starts, append=len(pairs.document))
    rows = pl.DataFrame(
        {
            "left": np.repeat(pairs.left, times),
            "right": np.repeat(pairs.right, times).astype(np.uint16),
            "block": pairs.document.astype(np.uint8),
            "weight": pairs.weight.astype(np.uint16),
        }
    )
    lists = rows.group_by("left", maintain_order=True).agg("right", "block", "weight")
    every = pl.DataFrame({"left": np.arange(pairs.words.height)})
    return every.join(lists, on="left", how="left", maintain_order="left").drop("left")


def _write_compressed(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
