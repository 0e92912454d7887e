r"""Tokenizes texts without loss, with the sentence and paragraph of each token.

The tokens of a text, joined together, give it back character for character. A *token* is an
occurrence; a *type* is an entry of the vocabulary, which holds each spelling once.
"""

from __future__ import annotations

import numpy as np
import polars as pl

# Kinds of tokens, tried in this order; the last takes any one character, so nothing is lost.
TOKEN_KINDS = {
    # An Arabic word: letters, their marks, tatweel, and joiners between letters.
    "word": r"[\p{Arabic}&&\p{L}][[\p{Arabic}&&\p{L}]\p{M}\x{0640}\x{200C}\x{200D}]*",
    # A word of another script; an address such as name.example is one.
    "latin": r"\p{L}[\p{L}\p{M}\p{Nd}]*(?:[.'’@_-]\p{L}[\p{L}\p{M}\p{Nd}]*)*",
    # Both digit sets, with separators inside.
    "number": r"\p{Nd}+(?:[.,:/٫٬]\p{Nd}+)*",
    "space": r"\s+",
    # Ends of sentences stay together: ... or ?! is one token.
    "punctuation": r"[.!?؟…۔]+|.",
}
TOKEN_PATTERN = "(?s)" + "|".join(TOKEN_KINDS.values())
# The first character of a token determines its kind.
_FIRST = {
    "word": r"^[\p{Arabic}&&\p{L}]",
    "latin": r"^\p{L}",
    "number": r"^\p{Nd}",
    "space": r"^\s",
}

# What a token does to the sentences and paragraphs around it, one bit each.
_CONTENT, _SPACE, _LINE_BREAK, _TERMINATOR, _STOP, _INITIAL = (1 << bit for bit in range(6))


def tokenize(texts: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tokenize texts: the tables ``tokens`` and ``vocabulary`` of a corpus, without forms.

    Args:
        texts: Cleaned texts; the position of each is its document's number.

    Returns:
        ``tokens`` with ``document``, ``type``, ``sentence``, ``paragraph``, in text order, and
        ``vocabulary`` with ``type``, ``surface``, ``kind``, ``count``, ``documents``, most
        frequent first.

    >>> tokens, vocabulary = tokenize(pl.Series(["سقط 12,5% في «داعش»."]))
    >>> "|".join(tokens.join(vocabulary, on="type", maintain_order="left")["surface"])
    'سقط| |12,5|%| |في| |«|داعش|»|.'
    """
    tokens, surfaces = number_types(texts)
    table = build_vocabulary([count_types(tokens, surfaces)])
    return tokens.with_columns(type=look_up_types(surfaces, table).gather(tokens["type"])), table


def number_types(texts: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Tokenize texts; types are numbered in order of appearance, their spellings returned too."""
    # Polars numbers the values of a category while reading: each token is hashed once, no join.
    category = pl.Categorical(pl.Categories.random())
    cut_up = texts.str.extract_all(TOKEN_PATTERN)
    lengths = cut_up.list.len().to_numpy()
    coded = cut_up.explode(empty_as_null=False).cast(category)
    types = coded.to_physical().to_numpy()
    surfaces = pl.Series("surface", dtype=pl.String)
    if len(types):
        distinct = np.arange(int(types.max()) + 1, dtype=np.uint32)
        surfaces = pl.Series("surface", distinct).cat.to(category).cast(pl.String)
    document = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)
    sentence, paragraph = _sentences(document, _marks(surfaces)[types])
    tokens = {"document": document, "type": types, "sentence": sentence, "paragraph": paragraph}
    return pl.DataFrame(tokens, schema_overrides=dict.fromkeys(tokens, pl.UInt32)), surfaces


def count_types(tokens: pl.DataFrame, surfaces: pl.Series) -> pl.DataFrame:
    """``surface``, ``count`` and ``documents`` of the types among tokens.

    Args:
        tokens: ``document`` and ``type``, in text order.
        surfaces: The spelling of each type.
    """
    # Sorted by type and then document, with both in one number.
    both = tokens["type"].to_numpy().astype(np.uint64) << 32 | tokens["document"].to_numpy()
    both.sort()
    types = (both >> 32).astype(np.int64)
    starts = np.flatnonzero(np.diff(types, prepend=-1))
    new = np.ones(len(both), bool)
    np.not_equal(both[1:], both[:-1], out=new[1:])
    return pl.DataFrame(
        {
            "surface": surfaces.gather(types[starts]),
            "count": np.diff(starts, append=len(both)),
            "documents": np.add.reduceat(new, starts, dtype=np.uint32) if len(starts) else starts,
        },
        schema={"surface": pl.String, "count": pl.UInt64, "documents": pl.UInt32},
    )


def merge_counts(counts: list[pl.DataFrame]) -> pl.DataFrame:
    """The sum of the counts of several parts of a corpus."""
    return pl.concat(counts).group_by("surface").agg(pl.col("count", "documents").sum())


def build_vocabulary(counts: list[pl.DataFrame]) -> pl.DataFrame:
    """The vocabulary, most frequent first and then by spelling, from the counts of all parts."""
    return (
        merge_counts(counts)
        .sort(["count", "surface"], descending=[True, False])
        .with_row_index("type")
        .select(
            "type", "surface", token_kind(pl.col("surface")).alias("kind"), "count", "documents"
        )
    )


def look_up_types(surfaces: pl.Series, table: pl.DataFrame) -> pl.Series:
    """The type numbers of spellings in a vocabulary; null for one that it lacks."""
    known = table.select("surface", "type")
    wanted = pl.DataFrame({"surface": surfaces}).with_row_index("place")
    found = known.join(wanted, on="surface").sort("place")
    if found.height == wanted.height:
        return found["type"]
    return wanted.join(found.select("place", "type"), on="place", how="left").sort("place")["type"]


def token_kind(surface: pl.Expr) -> pl.Expr:
    """The kind of a token (a key of `TOKEN_KINDS`), by its first character."""
    return surface.str.head(1).map_batches(_kinds, return_dtype=pl.String)


def _kinds(first: pl.Series) -> pl.Series:
    # There are many types and few first characters: each is looked at once.
    distinct = pl.DataFrame({"first": first.unique()})
    found = pl.lit("punctuation")
    for name, pattern in reversed(_FIRST.items()):
        found = pl.when(pl.col("first").str.contains(pattern)).then(pl.lit(name)).otherwise(found)
    return first.replace_strict(
        distinct["first"], distinct.select(found).to_series(), return_dtype=pl.String
    )


def _marks(surfaces: pl.Series) -> np.ndarray:
    """What each type does to sentences and paragraphs, as bits."""
    surface = pl.col("surface")
    table = pl.DataFrame({"surface": surfaces}).select(surface, kind=token_kind(surface))
    kind_, first = pl.col("kind"), surface.str.head(1)
    flags = {
        _CONTENT: kind_.is_in(["word", "latin", "number"]),
        _SPACE: kind_ == "space",
        _LINE_BREAK: (kind_ == "space") & surface.str.contains("\n", literal=True),
        _TERMINATOR: first.is_in(list(".!?؟…۔")),  # they stand together, and with nothing else
        _STOP: surface == ".",
        _INITIAL: kind_.is_in(["word", "latin"]) & (surface.str.len_chars() == 1),
    }
    bits = [pl.when(flag).then(bit).otherwise(0).cast(pl.UInt8) for bit, flag in flags.items()]
    return table.select(mark=pl.sum_horizontal(bits).cast(pl.UInt8))["mark"].to_numpy()


def _sentences(document: np.ndarray, mark: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number sentences and paragraphs of each document from 0.

    A sentence ends at a terminator or a line break, and the next begins at the next word or number,
    so a closing quotation mark belongs to the sentence before. A full stop after a single letter
    (د. for "Dr", أ.ف.ب) does not end a sentence. A paragraph is a line that is not blank.
    """
    if not len(document):
        return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
    first = np.empty(len(document), bool)
    first[0] = True
    np.not_equal(document[1:], document[:-1], out=first[1:])
    after_initial = np.zeros(len(document), bool)
    after_initial[1:] = mark[:-1] & _INITIAL > 0
    after_initial &= ~first
    line_break = mark & _LINE_BREAK > 0
    ends = (mark & _TERMINATOR > 0) & ~((mark & _STOP > 0) & after_initial) | line_break
    sentence = _numbers(mark & _CONTENT > 0, ends, document, first)
    return sentence, _numbers(mark & _SPACE == 0, line_break, document, first)


def _numbers(
    content: np.ndarray, ends: np.ndarray, document: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Number the units of each document: a unit begins at the first content after an end."""
    at = np.flatnonzero(content)
    # Ends are few: the first content after each of them, in the same document, begins a unit.
    after = np.searchsorted(at, np.flatnonzero(ends), side="right")
    begin = at[np.unique(after[after < len(at)])]
    begin = begin[begin > at[0]] if len(at) else begin
    before = at[np.searchsorted(at, begin) - 1]
    begins = np.zeros(len(content), np.uint32)
    begins[begin[document[begin] == document[before]]] = 1
    unit = np.cumsum(begins, dtype=np.uint32)
    starts = np.flatnonzero(first)
    # In place, a document's first number at a time: a second array as long costs as much again.
    unit -= np.repeat(unit[starts], np.diff(np.append(starts, len(unit))))
    return unit
