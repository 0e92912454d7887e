"""Forms of word types as columns of a vocabulary table: normal, stem, lemma, stopword."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import polars as pl

from corpus_tools.arabic.lemmas import lemmatize
from corpus_tools.arabic.spelling import NORMAL_STEPS, Step, normalize
from corpus_tools.data import read_table

Form = Literal["stem", "lemma", "stopword"]


def stem_types(types: Sequence[str]) -> list[str]:
    """The stem of each type, by the light stemmer of tashaphyne, in normal spelling.

    Clitics and endings are removed by their letters alone, without a dictionary. That is some forty
    times faster than lemmas, and wrong wherever a word only looks as if it had clitics.

    >>> stem_types(["والأمن", "المغربية"])
    ['امن', 'مغرب']
    """
    from tashaphyne.stemming import ArabicLightStemmer

    stemmer = ArabicLightStemmer()
    return [stemmer.light_stem(word) or word for word in normalize(types)]


def flag_stopwords(types: Sequence[str]) -> list[bool]:
    """Whether each type is a function word (with its clitics), by the list of arabicstopwords.

    The list also holds words that carry content in newspapers, in normal form at least, such as أمن
    "security", which it takes for أمن "whether who". Those in ``data/content_words.csv`` are left
    out.

    >>> flag_stopwords(["والذي", "على", "الأمن", "أمن"])
    [True, True, False, False]
    """
    import arabicstopwords.arabicstopwords as listed

    known = set(normalize(listed.stopwords_list())) - set(read_table("content_words")["word"])
    return [word in known for word in normalize(types)]


def add_normal(vocabulary: pl.DataFrame) -> pl.DataFrame:
    """Add the column ``normal`` to a vocabulary table; tokens other than words keep their surface.

    >>> table = pl.DataFrame({"surface": ["الأمن", "."], "kind": ["word", "punctuation"]})
    >>> add_normal(table)["normal"].to_list()
    ['الامن', '.']
    """
    return add_spelling(vocabulary, "normal")


def add_spelling(
    vocabulary: pl.DataFrame, name: str, *, steps: Sequence[Step] = NORMAL_STEPS
) -> pl.DataFrame:
    """Add a spelling of your own to a vocabulary table (see `normalize`), under a name.

    >>> table = pl.DataFrame({"surface": ["المدينة", "١٢"], "kind": ["word", "number"]})
    >>> add_spelling(table, "folded", steps=["marbuta", "digits"])["folded"].to_list()
    ['المدينه', '12']
    """
    kinds = ["word", "number"] if "digits" in steps else ["word"]
    return _add_column(vocabulary, name, lambda types: normalize(types, steps=steps), kinds)


def add_form(
    vocabulary: pl.DataFrame,
    form: Form,
    *,
    min_count: int = 1,
    workers: int | None = None,
    progress: bool = False,
) -> pl.DataFrame:
    """Add the column ``stem``, ``lemma`` or ``stopword`` to a vocabulary table, unless it exists.

    Args:
        form: Which.
        min_count: Types with fewer occurrences get their normal form as lemma.
        workers, progress: As in `lemmatize`.
    """
    if form in vocabulary.columns:
        return vocabulary
    if form == "stem":
        return _add_column(vocabulary, form, stem_types)
    if form == "stopword":
        is_word = vocabulary["kind"] == "word"
        known = pl.Series(flag_stopwords(vocabulary["surface"].filter(is_word).to_list()))
        column = pl.Series("stopword", [False]).new_from_index(0, vocabulary.height)
        return vocabulary.with_columns(column.scatter(is_word.arg_true(), known))
    often = vocabulary.select("surface", often=pl.col("count") >= min_count)
    frequent = dict(often.iter_rows()) if min_count > 1 else {}

    def found(types: list[str]) -> list[str]:
        chosen = [word for word in types if frequent.get(word, True)]
        lemma_of = dict(
            zip(chosen, lemmatize(chosen, workers=workers, progress=progress), strict=True)
        )
        return [lemma_of.get(word) or normalize([word])[0] for word in types]

    return _add_column(vocabulary, form, found)


def _add_column(
    vocabulary: pl.DataFrame,
    name: str,
    form: Callable[[list[str]], list[str]],
    kinds: Sequence[str] = ("word",),
) -> pl.DataFrame:
    is_one = vocabulary["kind"].is_in(kinds)
    forms = form(vocabulary["surface"].filter(is_one).to_list())
    column = pl.Series(name, vocabulary["surface"])
    return vocabulary.with_columns(
        column.scatter(is_one.arg_true(), pl.Series(forms, dtype=pl.String))
    )
