"""Figures counted from a newspaper corpus, in place of its texts: the folder ``seeds/press``.

A fresh clone needs a real press to compare with, and nobody's articles may be passed on. What is
kept is how often each word stands in each security article (order lost), which frequent words
stand near which in all of them together, and how often each word occurs in all articles.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools import arabic, concordance, embeddings, reprints
from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus
from corpus_tools.embeddings import Cooccurrence
from corpus_tools.errors import BadInput

FORMAT = 1
TABLES = ("articles", "words", "pairs")
WINDOW = 5
LEAST = 25  # a word of fewer occurrences in the security articles has no pairs
CITATION = "M. A. Alhagri, Saudi Newspapers Arabic Corpus (SaudiNewsNet), 2015"


@dataclass(frozen=True)
class Press:
    """A press as figures.

    Attributes:
        articles: A row a security article: ``document``, ``outlet``, ``day`` (of the crawl).
        counts: ``document``, ``type``, ``count`` for the security articles.
        words: A row a word type of all articles: ``type``, ``surface``, ``normal``, ``lemma``,
            ``count``, ``documents``, most frequent first.
        cooccurrence: Pairs of frequent words of the security articles, in normal form.
        about: Source, selection, versions and totals.
    """

    articles: pl.DataFrame
    counts: pl.DataFrame
    words: pl.DataFrame
    cooccurrence: Cooccurrence
    about: dict[str, Any]


@cache
def security_words() -> pl.DataFrame:
    """The words that make an article one on security: ``word``, ``gloss``, ``why``."""
    return pl.read_csv((files("corpus_tools") / "data" / "security.csv").read_bytes())


def security_articles(corpus: Corpus) -> pl.Series:
    """The numbers of the documents that hold at least one of the `security_words`."""
    hits = concordance.find(corpus, security_words()["word"].to_list())
    return hits["document"].unique().sort()


def make(
    sources: Sequence[str | Path] | str | Path,
    out: str | Path,
    *,
    reuse: str | Path | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Count a newspaper corpus into a press folder; the same source gives the same bytes.

    Args:
        sources: The newspaper corpus, as `corpus_tools.corpus.build` takes it.
        out: The folder to write.
        reuse: A press folder whose lemmas are taken over instead of being worked out, which
            saves some ten minutes for 250 thousand types.
        progress: Show progress on standard error.

    Returns:
        What is written to ``manifest.json``.

    Raises:
        BadInput: A source cannot be read, or none of its articles is on security.
    """
    corpus = corpus_.build(sources)
    chosen = security_articles(corpus)
    if len(chosen) == 0:
        raise BadInput(f"{sources}: no article holds a security word: name a newspaper corpus.")
    number = pl.DataFrame({"document": chosen}).with_row_index("number")
    place = Path(out)
    place.mkdir(parents=True, exist_ok=True)

    words = _words(corpus, reuse, progress)
    tokens = corpus.tokens.join(words.select("type", "word"), on="type", how="inner")
    bags = (
        tokens.join(number, on="document")
        .group_by("number", "word")
        .agg(count=pl.len().cast(pl.UInt16))
        .sort("number", "word")
    )
    _write(words.drop("type", "word"), place / "words.parquet")

    articles = number.with_columns(
        outlet=corpus.documents["outlet"].gather(number["document"]),
        day=corpus.documents["date"].gather(number["document"]).str.head(10),
    ).select("outlet", "day")
    _write(articles.hstack(_folded(bags, "number", "word", ["count"])), place / "articles.parquet")

    in_order = corpus_.words(corpus).join(number, on="document", maintain_order="left")
    pairs = embeddings.cooccurrence(in_order, window=WINDOW, min_count=LEAST)
    folded = _folded(pairs.pairs, "left", "right", ["count", "weight"], keep=True)
    _write(folded, place / "pairs.parquet")

    groups = reprints.find(corpus)
    about = {
        "format": FORMAT,
        "citation": CITATION,
        "selection": security_words()["word"].to_list(),
        "security_articles": len(chosen),
        "security_words": int(bags["count"].cast(pl.UInt64).sum()),
        "window": WINDOW,
        "least_occurrences_for_pairs": LEAST,
        "normal": list(arabic.NORMAL),
        "lemmas": f"qalsadi {version('qalsadi')}",
        "inputs": corpus.inputs.to_dicts(),
        "set_aside": corpus.quarantine.group_by("reason")
        .agg(rows=pl.len())
        .sort("reason")
        .to_dicts(),
        "repairs": corpus.repairs.select("repair", "texts", "times").to_dicts(),
        "reprinted": int(groups["reprints"].is_not_null().sum()),
        "reprint_groups": groups["reprints"].drop_nulls().n_unique(),
        "reprints": reprints.by_outlet(groups).to_dicts(),
        **{
            k: corpus.manifest[k]
            for k in ("read", "documents", "duplicates", "quarantined", "words", "types")
        },
    }
    text = json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True)
    (place / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return about


def _words(corpus: Corpus, reuse: str | Path | None, progress: bool) -> pl.DataFrame:
    vocabulary = corpus.vocabulary.filter(pl.col("kind") == "word").with_row_index("word")
    if reuse is None:
        vocabulary = arabic.with_form(vocabulary, "lemma", progress=progress)
    else:
        known = pl.read_parquet(Path(reuse) / "words.parquet", columns=["surface", "lemma"])
        vocabulary = vocabulary.join(known, on="surface", how="left", maintain_order="left")
        new = vocabulary.filter(pl.col("lemma").is_null()).drop("lemma")
        if new.height:
            found = arabic.with_form(new, "lemma", progress=progress).select(
                "surface", found="lemma"
            )
            vocabulary = vocabulary.join(found, on="surface", how="left", maintain_order="left")
            vocabulary = vocabulary.with_columns(pl.col("lemma").fill_null(pl.col("found")))
    return vocabulary.select("type", "word", "surface", "normal", "lemma", "count", "documents")


def _folded(
    table: pl.DataFrame, key: str, sorted_by: str, values: list[str], *, keep: bool = False
) -> pl.DataFrame:
    """A row a key with lists; ascending numbers are kept as steps, which take less room."""
    step = pl.col(sorted_by).diff().over(key).fill_null(pl.col(sorted_by)).cast(pl.UInt32)
    lists = (
        table.with_columns(step)
        .group_by(key, maintain_order=True)
        .agg(sorted_by, *values)
        .rename({sorted_by: f"{sorted_by}_steps"})
    )
    return lists if keep else lists.drop(key)


def _unfolded(lists: pl.DataFrame, key: str, sorted_by: str, values: list[str]) -> pl.DataFrame:
    steps = f"{sorted_by}_steps"
    table = lists.select(key, steps, *values).explode(steps, *values)
    return table.select(
        key, pl.col(steps).cum_sum().over(key).cast(pl.UInt32).alias(sorted_by), *values
    )


def _write(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path, compression="zstd", compression_level=19, statistics=False)


def open(folder: str | Path) -> Press:
    """Open a press folder.

    Raises:
        BadInput: A file is missing, cannot be read, or is of another version.
    """
    place = Path(folder)
    needed = ["manifest.json", *(f"{table}.parquet" for table in TABLES)]
    missing = [name for name in needed if not (place / name).is_file()]
    if missing:
        raise BadInput(f"{place} is no whole press, {missing[0]} is missing: make it again.")
    try:
        about = json.loads((place / "manifest.json").read_text("utf-8"))
        tables = {name: pl.read_parquet(place / f"{name}.parquet") for name in TABLES}
    except (ValueError, pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{place} cannot be read ({error}): make it again.") from None
    if about.get("format") != FORMAT:
        raise BadInput(
            f"{place} is a press of format {about.get('format')}, and this version reads {FORMAT}: "
            "make it again."
        )
    articles = tables["articles"].with_row_index("document")
    counts = _unfolded(articles, "document", "word", ["count"]).rename({"word": "type"})
    pairs = _unfolded(tables["pairs"], "left", "right", ["count", "weight"])
    press = Press(
        articles=articles.select("document", "outlet", "day"),
        counts=counts.with_columns(pl.col("count").cast(pl.UInt32)),
        words=tables["words"].with_row_index("type"),
        cooccurrence=Cooccurrence(pl.DataFrame(), pairs, about["window"]),
        about=about,
    )
    # The words of the pairs are the frequent ones in their usual order: they need no file.
    words = embeddings.frequent_words(count(press), about["least_occurrences_for_pairs"])
    return replace(press, cooccurrence=embeddings.with_contexts(words, pairs, about["window"]))


def count(press: Press, form: str = "normal") -> pl.DataFrame:
    """Counts ``document``, ``word``, ``count`` of the security articles, in one form."""
    forms = press.words.select("type", word=form)
    return (
        press.counts.join(forms, on="type")
        .group_by("document", "word")
        .agg(pl.col("count").sum())
        .sort("document", "word")
    )


def reference(press: Press, form: str = "normal") -> pl.DataFrame:
    """Counts ``word``, ``count`` of all articles; no documents, so they are taken as fixed."""
    return press.words.group_by(word=pl.col(form)).agg(pl.col("count").sum()).sort("word")
