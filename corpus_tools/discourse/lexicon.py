"""The word lists of discourse analysis, and the occurrences of their entries in a corpus.

The lists are data: ``actors.csv``, ``verbs.csv`` and ``discourse.csv`` in the folder ``data``, each
entry with its gloss and source. What they do not hold is not found.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from corpus_tools.arabic.inflection import inflect
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.data import read_table
from corpus_tools.words.kwic import find_phrases

INDICATORS = (
    "agency",
    "agentless",
    "credit",
    "sourcing",
    "quotation",
    "quantification",
    "evaluation",
    "modality",
    "ideological_square",
    "time",
)
# Categories from rules in `corpus_tools.discourse.indicators`, beside those that the phrases name.
_CATEGORIES = {
    "agency": ("institution", "leader", "state", "offender", "citizen", "foreign_partner"),
    "sourcing": ("named", "speaker_not_listed", "no_source"),
    "quotation": ("quotation", "name_or_distance"),
    "quantification": ("exact",),
    "ideological_square": ("our_good", "their_bad", "our_bad", "their_good"),
    "time": ("past", "present"),
}


def actor_phrases() -> pl.DataFrame:
    """Who can act: ``class`` (institution, leader, state ...), ``phrase``, ``gloss``."""
    return read_table("actors")


def verb_table() -> pl.DataFrame:
    """What actors do and say: ``past``, ``present`` (he-forms), ``kind``, ``gloss``."""
    return read_table("verbs")


def indicator_phrases() -> pl.DataFrame:
    """The phrases of each indicator, with ``category``, ``next``, ``gloss`` and ``source``.

    ``next`` is a pattern that the word after the phrase must match. A phrase between slashes is a
    pattern for a single word in the spelling of the text.
    """
    return read_table("discourse")


@cache
def indicator_categories() -> list[tuple[str, str]]:
    """Every indicator with each of its categories, in the order of `INDICATORS`."""
    listed = indicator_phrases().select("indicator", "category").unique(maintain_order=True).rows()
    pairs = []
    for indicator in INDICATORS:
        names = [*_CATEGORIES.get(indicator, ()), *(c for i, c in listed if i == indicator)]
        names = ["exact" if name == "exact_word" else name for name in names]
        pairs += [(indicator, name) for name in dict.fromkeys(names)]
    return pairs


def speech_forms() -> list[str]:
    """The written forms of the verbs of saying, for counts where only words are known.

    >>> {"قال", "وقالت", "يؤكد"} <= set(speech_forms())
    True
    """
    said = verb_forms().filter(pl.col("kind") == "speech")["phrase"]
    return sorted({form for phrase in said for form in inflect(phrase)})


def verb_forms() -> pl.DataFrame:
    """The finite forms of `verb_table`: he, she, they; past, present and future."""
    rows = []
    for past, present, kind, gloss in verb_table().iter_rows():
        forms = dict.fromkeys((past, f"{past}ت", f"{past}وا"), "past")
        for person in (present, "ت" + present[1:]):
            forms |= dict.fromkeys((person, f"{person}ون"), "present")
            forms["س" + person] = "future"
        rows += [
            {"phrase": f"+{form}", "kind": kind, "tense": tense, "gloss": gloss}
            for form, tense in forms.items()
        ]
    return pl.DataFrame(rows)


def find_entries(corpus: Corpus, words: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """The occurrences of the phrases of a table, with its columns and positions in words."""
    table = entries.with_row_index("phrase_number")
    pattern = pl.col("phrase").str.starts_with("/")
    plain = table.filter(~pattern)
    found = find_phrases(corpus, plain["phrase"].to_list())
    number = plain["phrase_number"].gather(found["phrase"])
    parts = [found.drop("phrase").with_columns(phrase_number=number)]
    for row in table.filter(pattern).iter_rows(named=True):
        types = corpus.vocabulary.filter(
            pl.col("kind") == "word", pl.col("surface").str.contains(row["phrase"].strip("/"))
        )["type"]
        at = corpus.tokens.with_row_index("first").filter(pl.col("type").is_in(types.implode()))
        at = at.select("document", "paragraph", "sentence", first=pl.col("first").cast(pl.Int64))
        at = at.with_columns(phrase_number=pl.lit(row["phrase_number"], dtype=pl.UInt32))
        parts.append(at.with_columns(last=pl.col("first")).select(parts[0].columns))
    found = pl.concat(parts)
    position = words["position"]
    return found.join(table, on="phrase_number", maintain_order="left").with_columns(
        start=position.search_sorted(found["first"]).cast(pl.Int64),
        end=position.search_sorted(found["last"]).cast(pl.Int64),
        sentence_id=pl.struct("document", "sentence"),
    )
