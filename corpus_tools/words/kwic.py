"""Concordances and phrase search, in the newspaper's own spelling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from corpus_tools.arabic.inflection import inflect
from corpus_tools.arabic.lemmas import lemmatize
from corpus_tools.arabic.spelling import normalize
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput


def concordance(
    corpus: Corpus, word: str, *, form: str = "normal", window: int = 8
) -> pl.DataFrame:
    """Every occurrence of a word with the words around it (key word in context).

    Args:
        corpus: A corpus.
        word: The word, in any spelling; it is converted to `form` first.
        form: The form to search: ``surface``, ``normal`` or ``lemma``.
        window: Words shown on each side, within the paragraph.

    Returns:
        ``document`` (its name), ``paragraph``, ``sentence``, ``before``, ``node``, ``after``, in
        text order and in the spelling of the text. On a page laid out from right to left,
        ``before`` is to the right of the node.

    Raises:
        BadInput: The corpus does not have this form.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.json").write_text('[{"text": "قال إنّ الأمن عاد"}]', "utf-8")
    ...     corpus = ct.read_corpus(folder)
    >>> concordance(corpus, "الامن").select("before", "node", "after").row(0)
    ('قال إنّ ', 'الأمن', ' عاد')
    """
    corpus.require_form(form)
    wanted = word
    if form in ("normal", "lemma"):
        wanted = (normalize if form == "normal" else lemmatize)([word])[0]
    elif form != "surface":  # the form that the vocabulary gives this word, if it has it
        known = corpus.vocabulary.filter(pl.col("surface") == word)[form]
        wanted = known[0] if len(known) else word
    hits = corpus.words(form).filter(pl.col("word") == wanted)
    at = hits["position"].to_numpy().astype(np.int64)
    around = extract_windows(corpus, at, at, window=window)
    return hits.select(
        pl.Series("document", corpus.documents["document"].gather(hits["document"])),
        "paragraph",
        "sentence",
    ).hstack(around)


def extract_windows(
    corpus: Corpus, first: np.ndarray, last: np.ndarray, *, window: int = 8
) -> pl.DataFrame:
    """``before``, ``node`` and ``after`` of spans of tokens, within their paragraphs.

    Args:
        corpus: A corpus.
        first: Rows in ``corpus.tokens`` where each span begins.
        last: Rows where each span ends, inclusive.
        window: Words on each side.
    """
    schema = {"before": pl.String, "node": pl.String, "after": pl.String}
    if len(first) == 0:
        return pl.DataFrame(schema=schema)
    kinds = corpus.vocabulary["kind"].gather(corpus.tokens["type"])
    words = np.flatnonzero((kinds == "word").to_numpy())
    ends = np.r_[np.zeros(window + 1, np.int64), words, np.full(window + 1, len(kinds) - 1)]
    start = ends[np.searchsorted(words, first) + 1]  # the word that is `window` words before
    stop = ends[np.searchsorted(words, last, side="right") + 2 * window]  # and as many after
    hits = pl.DataFrame({"first": first, "last": last}).with_row_index("hit")
    rows = pl.int_ranges(pl.Series(np.minimum(start, first)), pl.Series(np.maximum(stop, last) + 1))
    spread = hits.with_columns(row=rows).explode("row")
    unit = pl.struct("document", "paragraph")
    tokens = corpus.tokens[spread["row"].to_numpy()].select(
        "type", unit=unit.rank("dense").cast(pl.Int64)
    )
    surface = corpus.vocabulary["surface"].gather(tokens["type"])
    side = (
        pl.when(pl.col("row") < pl.col("first")).then(pl.lit("before"))
        .when(pl.col("row") > pl.col("last")).then(pl.lit("after"))
        .otherwise(pl.lit("node"))
    )  # fmt: skip
    pieces = spread.with_columns(side=side, surface=surface, unit=tokens["unit"]).filter(
        pl.col("unit")
        == pl.col("unit").filter(pl.col("row") == pl.col("first")).first().over("hit"),
        ~pl.col("surface").str.contains("\n"),
    )
    joined = pieces.group_by("hit", maintain_order=True).agg(
        pl.col("surface").filter(pl.col("side") == name).str.join("").alias(name) for name in schema
    )
    return joined.select(pl.col(name).fill_null("") for name in schema)


def find_phrases(corpus: Corpus, phrases: Sequence[str]) -> pl.DataFrame:
    """Find every occurrence of some phrases, with their clitics and endings.

    Args:
        corpus: A corpus.
        phrases: Words separated by spaces, each as `corpus_tools.arabic.inflection.inflect` takes
            it; ``*`` stands for any one word. The words of a phrase follow each other within a
            sentence.

    Returns:
        ``phrase`` (position in `phrases`), ``document``, ``paragraph``, ``sentence``, ``first`` and
        ``last`` (rows in ``corpus.tokens``), in text order.

    Raises:
        BadInput: A phrase is empty.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '[{"text": "وبتوجيهات من المدير"}]'
    ...     _ = pathlib.Path(folder, "a.json").write_text(text, "utf-8")
    ...     corpus = ct.read_corpus(folder)
    >>> find_phrases(corpus, ["توجيه", "توجيه من مدير"]).select("phrase", "first", "last").rows()
    [(0, 0, 0), (1, 0, 4)]
    """
    split = [phrase.split() for phrase in phrases]
    if not all(split):
        raise BadInput("a phrase to look for is empty: remove it or write its words.")
    words = corpus.words()
    position = words["position"].to_numpy().astype(np.int64)
    sentence = (
        words["document"].rle_id().to_numpy().astype(np.int64) * (1 << 32)
        + words["sentence"].to_numpy()
    )
    matching = _match_words(words["word"], sorted({word for phrase in split for word in phrase}))
    numbers, firsts, lasts = [], [], []
    for number, phrase in enumerate(split):
        at: np.ndarray | None = None
        for offset, word in enumerate(phrase):
            if word == "*":
                continue
            here = matching[word] - offset
            at = here if at is None else np.intersect1d(at, here, assume_unique=True)
        at = np.arange(len(words)) if at is None else at
        end = at + len(phrase) - 1
        inside = (at >= 0) & (end < len(words))
        at, end = at[inside], end[inside]
        whole = sentence[at] == sentence[end]
        numbers.append(np.full(int(whole.sum()), number, np.uint32))
        firsts.append(at[whole])
        lasts.append(end[whole])
    first = np.concatenate(firsts) if firsts else np.zeros(0, np.int64)
    last = np.concatenate(lasts) if lasts else first
    found = words[first].select(
        pl.Series("phrase", np.concatenate(numbers) if numbers else first, dtype=pl.UInt32),
        "document",
        "paragraph",
        "sentence",
        first=pl.Series(position[first]),
        last=pl.Series(position[last]),
    )
    return found.sort("first", "last", "phrase")


@lru_cache(maxsize=8)  # a codebook is asked for again with each corpus
def _inflect_cues(cues: tuple[str, ...]) -> pl.DataFrame:
    """Every written form of every cue: ``cue``, ``word``."""
    written = pl.Series("word", [inflect(cue) for cue in cues], dtype=pl.List(pl.String))
    return pl.DataFrame([pl.Series("cue", cues, dtype=pl.String), written]).explode("word")


def _match_words(words: pl.Series, wanted: list[str]) -> dict[str, np.ndarray]:
    """For each word of a phrase, its positions among the words of the text."""
    forms = _inflect_cues(tuple(cue for cue in wanted if cue != "*"))
    forms = forms.join(words.unique().to_frame(), on="word", how="semi")
    hits = (
        words.to_frame()
        .with_row_index("at")
        .join(forms, on="word", how="inner", maintain_order="left")
        .group_by("cue")
        .agg("at")
    )
    at = {cue: np.sort(np.asarray(places, np.int64)) for cue, places in hits.iter_rows()}
    return {cue: at.get(cue, np.zeros(0, np.int64)) for cue in wanted}


def keep_longest(
    spans: pl.DataFrame, first: str, last: str, *, within: Sequence[str] = ()
) -> pl.DataFrame:
    """Of spans that lie inside each other, the longest; of equal ones, the one that comes first.

    Args:
        spans: One row per span.
        first, last: The columns where spans begin and end.
        within: Columns; spans are compared only where these are equal.

    >>> table = pl.DataFrame({"first": [0, 1, 4], "last": [3, 2, 5]})
    >>> keep_longest(table, "first", "last").rows()
    [(0, 3), (4, 5)]
    """
    order = [*within, first, last]
    ranked = spans.sort(order, descending=[name == last for name in order], maintain_order=True)
    reach = pl.col(last).cum_max().shift(1)
    reach = reach.over(within) if within else reach
    return ranked.filter((pl.col(last) > reach).fill_null(True))
