"""Figures counted from a newspaper corpus, in place of its texts: the folder ``seeds/press``.

A fresh clone needs a real press to compare with, and nobody's articles may be passed on. What is
kept is how often each word stands in each security article (order lost), which frequent words
stand near which in blocks of articles, what stands around a few words in each article, and how
often each word occurs in all. All pairs of an article would give most of its text away: so pairs
are summed over blocks of some hundred and thirty, dealt at random. Resampling blocks then stands
for resampling articles ("random groups": Wolter 2007, Introduction to Variance Estimation).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from corpus_tools import arabic, concordance, cooccurrence, packing, reprints
from corpus_tools import corpus as corpus_
from corpus_tools.cooccurrence import Meetings
from corpus_tools.corpus import Corpus
from corpus_tools.errors import BadInput

FORMAT = 2
TABLES = ("articles", "words", "pairs", "contexts")
FORMS = ("surface", "normal", "lemma")
WINDOW = 5
LEAST = 50  # a word of fewer occurrences in the security articles has no pairs
BLOCKS = 40  # of articles
SEED = 0  # of dealing articles to blocks
CITATION = "M. A. Alhagri, Saudi Newspapers Arabic Corpus (SaudiNewsNet), 2015"


@dataclass(frozen=True)
class Press:
    """A press as figures.

    Attributes:
        articles: A row a security article: ``document``, ``outlet``, ``day`` (of the crawl),
            ``block`` (of `meetings`).
        counts: ``document``, ``type``, ``count`` for the security articles.
        words: A row a word type of all articles: ``type``, ``surface``, ``normal``, ``lemma``,
            ``count``, ``documents``, most frequent first.
        meetings: Pairs of frequent words of the security articles, in normal form; its documents
            are blocks of articles, dealt at random.
        contexts: ``word``, ``document``, ``context``, ``weight``: what stands around the
            `concepts` in each article (see `corpus_tools.cooccurrence.contexts`).
        about: Source, selection, versions and totals.
    """

    articles: pl.DataFrame
    counts: pl.DataFrame
    words: pl.DataFrame
    meetings: Meetings
    contexts: pl.DataFrame
    about: dict[str, Any]


@cache
def security_words() -> pl.DataFrame:
    """The words that make an article one on security: ``word``, ``gloss``, ``why``."""
    return pl.read_csv((files("corpus_tools") / "data" / "security.csv").read_bytes())


@cache
def concepts() -> pl.DataFrame:
    """The words whose contexts are kept article by article: ``word`` (normal form), ``gloss``."""
    return pl.read_csv((files("corpus_tools") / "data" / "concepts.csv").read_bytes())


def security_articles(corpus: Corpus) -> pl.Series:
    """The numbers of the documents that hold at least one of the `security_words`."""
    hits = concordance.find(corpus, security_words()["word"].to_list())
    return hits["document"].unique().sort()


def make(
    sources: Corpus | Sequence[str | Path] | str | Path,
    out: str | Path,
    *,
    reuse: str | Path | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Count a newspaper corpus into a press folder; the same source gives the same bytes.

    Args:
        sources: The newspaper corpus, or its sources as `corpus_tools.corpus.build` takes them.
        out: The folder to write.
        reuse: A press folder whose lemmas are taken over instead of being worked out, which
            saves some ten minutes for 250 thousand types.
        progress: Show progress on standard error.

    Returns:
        What is written to ``manifest.json``.

    Raises:
        BadInput: A source cannot be read, or none of its articles is on security.
    """
    corpus = sources if isinstance(sources, Corpus) else corpus_.build(sources)
    chosen = security_articles(corpus)
    if len(chosen) == 0:
        raise BadInput("no article holds a security word: name a newspaper corpus.")
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
    # The normal form is worked out anew when the press is opened, which takes half a second.
    _write(words.drop("type", "word", "normal"), place / "words.parquet")

    block = _blocks(number.height)
    articles = number.select(
        outlet=corpus.documents["outlet"].gather(number["document"]),
        day=corpus.documents["date"].gather(number["document"]).str.head(10),
    ).with_columns(block=pl.Series(block))
    lists = packing.folded(bags, ["number"], ["word"], ["count"]).drop("number")
    _write(articles.hstack(lists), place / "articles.parquet")

    in_order = (
        corpus_.words(corpus)
        .join(number, on="document", maintain_order="left")
        .with_columns(document="number")
    )
    met = cooccurrence.meetings(in_order, window=WINDOW, min_count=LEAST)
    blocked = cooccurrence.merged(met, block, int(block.max()) + 1)
    _write(_folded_pairs(blocked), place / "pairs.parquet")
    around = cooccurrence.contexts(met, concepts()["word"].to_list())
    places = {word: n for n, word in enumerate(met.words["word"])}
    around = around.with_columns(
        context=pl.col("context").replace_strict(places, return_dtype=pl.UInt32)
    )
    folded = packing.folded(around, ["word"], ["document", "context"], ["weight"])
    _write(folded, place / "contexts.parquet")

    groups = reprints.find(corpus)
    about = {
        "format": FORMAT,
        "citation": CITATION,
        "selection": security_words()["word"].to_list(),
        "security_articles": len(chosen),
        "security_words": int(bags["count"].cast(pl.UInt64).sum()),
        "window": WINDOW,
        "least_occurrences_for_pairs": LEAST,
        "words_with_pairs": met.words.height,
        "blocks": blocked.documents,
        "concepts": concepts()["word"].to_list(),
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


def _blocks(articles: int) -> np.ndarray:
    """The block of each article: blocks are of one size, give or take one, and of random members.

    >>> np.bincount(_blocks(70)).tolist()[:8]
    [2, 2, 2, 2, 2, 2, 2, 2]
    """
    blocks = np.arange(articles, dtype=np.uint8) % BLOCKS
    return np.random.default_rng(SEED).permutation(blocks)


def _folded_pairs(met: Meetings) -> pl.DataFrame:
    """A row a word: its pairs with words that are not more frequent, block by block."""
    times = np.diff(met.starts, append=len(met.document))
    rows = {
        "left": np.repeat(met.left, times),
        "right": np.repeat(met.right, times),
        "block": met.document,
        "weight": met.weight,
    }
    return packing.folded(pl.DataFrame(rows), ["left"], ["right", "block"], ["weight"])


def _unfolded_pairs(lists: pl.DataFrame, words: pl.DataFrame, blocks: int) -> Meetings:
    rows = packing.unfolded(lists, ["left"], ["right", "block"], ["weight"])
    pairs = rows["left"].cast(pl.Int64) * words.height + rows["right"].cast(pl.Int64)
    weight = rows["weight"].cast(pl.Int64).to_numpy()
    return cooccurrence.of_pairs(words, pairs.to_numpy(), rows["block"].to_numpy(), weight, blocks)


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
    types = tables["words"].with_row_index("type")
    types = types.with_columns(normal=pl.Series(arabic.normal(types["surface"].to_list())))
    counts = packing.unfolded(articles, ["document"], ["word"], ["count"]).rename({"word": "type"})
    # The words of the pairs are the frequent ones in their usual order: they need no file.
    bags = _in_form(counts, types, "normal")
    words = cooccurrence.frequent_words(bags, about["least_occurrences_for_pairs"])
    if words.height != about["words_with_pairs"]:
        raise BadInput(f"{place} was made with another normal form than this one: make it again.")
    around = packing.unfolded(tables["contexts"], ["word"], ["document", "context"], ["weight"])
    return Press(
        articles=articles.select("document", "outlet", "day", "block"),
        counts=counts,
        words=types.select("type", "surface", "normal", "lemma", "count", "documents"),
        meetings=_unfolded_pairs(tables["pairs"], words, about["blocks"]),
        contexts=around.with_columns(context=words["word"].gather(around["context"])),
        about=about,
    )


def respelled(press: Press, form: str) -> Meetings:
    """The pairs in another form: words of one form are put together.

    Args:
        press: A press.
        form: ``lemma``: of each frequent word in normal form its most frequent lemma. Words that
            are too rare to have pairs are left out of their lemma's.

    Raises:
        BadInput: The press has no such form.
    """
    lemmas = press.words.sort("count", "type", descending=[True, False]).unique(
        "normal", keep="first", maintain_order=True
    )
    words = cooccurrence.frequent_words(count(press, form), 1)
    met = press.meetings
    form_of = met.words.join(lemmas, left_on="word", right_on="normal", how="left")[form]
    words = words.filter(pl.col("word").is_in(form_of.implode()))
    return cooccurrence.renamed(met, form_of, words)


def count(press: Press, form: str = "normal") -> pl.DataFrame:
    """Counts ``document``, ``word``, ``count`` of the security articles, in one form.

    Raises:
        BadInput: The press has no such form.
    """
    if form not in FORMS:
        raise BadInput(f"a press has no form «{form}»: take one of {', '.join(FORMS)}.")
    return _in_form(press.counts, press.words, form)


def of_length(counts: pl.DataFrame, least: int = 300, most: int = 700) -> pl.DataFrame:
    """The counts of those articles that have so many words.

    Args:
        counts: From `count`.
        least, most: Words of an article.
    """
    words = pl.col("count").sum().over("document")
    return counts.filter(words.is_between(least, most))


def _in_form(counts: pl.DataFrame, words: pl.DataFrame, form: str) -> pl.DataFrame:
    return (
        counts.join(words.select("type", word=form), on="type")
        .group_by("document", "word")
        .agg(pl.col("count").sum())
        .sort("document", "word")
    )


def reference(press: Press, form: str = "normal") -> pl.DataFrame:
    """Counts ``word``, ``count`` of all articles; no documents, so they are taken as fixed."""
    return press.words.group_by(word=pl.col(form)).agg(pl.col("count").sum()).sort("word")
