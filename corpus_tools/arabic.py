"""Spellings of a word type: from the newspaper's own form to one that can be counted.

Every function works on a *list of types*, never on a running text: a corpus of millions of words
has some hundred thousand types, so each spelling decision is made once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Literal, get_args

import polars as pl
from pyarabic import araby
from tqdm import tqdm

Step = Literal["diacritics", "tatweel", "letters", "alef", "maqsura", "marbuta"]
STEPS: tuple[Step, ...] = get_args(Step)
NORMAL: tuple[Step, ...] = ("diacritics", "tatweel", "letters", "alef")

# Keyboard variants of an Arabic letter: Persian yeh and keheh, alef wasla, joiners inside a word.
_ALEFS = str.maketrans(
    dict.fromkeys((araby.ALEF_HAMZA_ABOVE, araby.ALEF_HAMZA_BELOW, araby.ALEF_MADDA), araby.ALEF)
)
_LETTERS = str.maketrans(
    {"\u06cc": "ي", "\u06a9": "ك", "\u0671": "ا", "\u200c": None, "\u200d": None}
)


def _step(text: str, step: Step) -> str:
    match step:
        case "diacritics":  # pyarabic's list leaves out the small Koranic signs and dagger alef
            return araby.strip_tashkeel(text).replace("\u0670", "")
        case "tatweel":
            return araby.strip_tatweel(text)
        case "letters":
            return text.translate(_LETTERS)
        case "alef":  # araby.normalize_alef would also turn على into علا, and إلى into إلا
            return text.translate(_ALEFS)
        case "maqsura":
            return text.replace(araby.ALEF_MAKSURA, araby.YEH)
        case "marbuta":
            return text.replace(araby.TEH_MARBUTA, araby.HEH)


def normal(types: Sequence[str], *, steps: Sequence[Step] = NORMAL) -> list[str]:
    """The normal form of each type: one spelling for what newspapers spell in several ways.

    By default diacritics and tatweel go, keyboard variants of a letter become that letter, and
    the forms of alef are one. Alef maqsura and teh marbuta stay, because folding them merges
    different words (على "on" and علي "Ali"); add ``"maqsura"`` or ``"marbuta"`` to fold them.

    Args:
        types: Word types as they stand in the text.
        steps: Which of `STEPS` to take; the order makes no difference to the result.

    Returns:
        One form a type, in the order given.

    >>> normal(["الأَمْنُ", "إنجـــاز", "على"])
    ['الامن', 'انجاز', 'على']
    >>> normal(["الأمن"], steps=[])
    ['الأمن']
    """
    if not types:
        return []
    text = "\n".join(types)  # one pass over all types; a type holds no line break
    for step in steps:
        text = _step(text, step)
    return text.split("\n")


def lemmas(
    types: Sequence[str], *, workers: int | None = None, progress: bool = False
) -> list[str]:
    """The dictionary form of each type, by the qalsadi analyser, in normal spelling.

    Clitics (و ف ب ل ك س ال) and endings go, so that الأمن, والأمن and للأمن share one lemma. Each
    type is analysed alone, without its sentence; on the news sentences of UD Arabic-PUD such
    lemmas are right for about two nouns, verbs and adjectives in three. About 4 ms a type, so
    more than 2,000 types are shared out among processes. (A script that asks for so many must
    guard its own start with ``if __name__ == "__main__"``, as Python's processes demand.)

    Args:
        types: Word types as they stand in the text, alef forms and hamza included.
        workers: Processes; by default one a processor.
        progress: Show a progress bar on standard error.

    Returns:
        One lemma a type, in the order given; a type that cannot be analysed is its own lemma.

    >>> lemmas(["والأمن", "للأمن", "إنجازات"])
    ['امن', 'امن', 'انجاز']
    """
    bare = normal(types, steps=("diacritics", "tatweel", "letters"))
    distinct = sorted(set(bare))
    chunks = [distinct[i : i + 500] for i in range(0, len(distinct), 500)]
    workers = workers or os.cpu_count() or 1
    bar = tqdm(total=len(distinct), unit=" types", desc="lemmas", disable=not progress)
    found: list[str] = []
    if workers == 1 or len(chunks) <= 4:
        for chunk in chunks:
            found += _lemmatise(chunk)
            bar.update(len(chunk))
    else:
        # Fresh processes: a fork of one that runs Polars' threads may hang.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for part in pool.map(_lemmatise, chunks):
                found += part
                bar.update(len(part))
    bar.close()
    lemma_of = dict(zip(distinct, normal(found), strict=True))
    return [lemma_of[word] for word in bare]


def _lemmatise(words: list[str]) -> list[str]:
    from qalsadi.lemmatizer import Lemmatizer  # 0.3 s to import: only when lemmas are asked for

    lemmatizer = Lemmatizer()
    return [lemmatizer.lemmatize(word) or word for word in words]


def with_forms(vocabulary: pl.DataFrame) -> pl.DataFrame:
    """Add the column ``normal`` to a vocabulary table; pieces that are no words keep their surface.

    >>> table = pl.DataFrame({"surface": ["الأمن", "."], "kind": ["word", "punctuation"]})
    >>> with_forms(table)["normal"].to_list()
    ['الامن', '.']
    """
    return _with_form(vocabulary, "normal", normal)


def with_lemmas(
    vocabulary: pl.DataFrame, *, workers: int | None = None, progress: bool = False
) -> pl.DataFrame:
    """Add the column ``lemma`` to a vocabulary table (see `lemmas`), unless it is there."""
    if "lemma" in vocabulary.columns:
        return vocabulary
    return _with_form(
        vocabulary, "lemma", lambda types: lemmas(types, workers=workers, progress=progress)
    )


def _with_form(vocabulary: pl.DataFrame, name: str, form) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    words = vocabulary.filter(pl.col("kind") == "word").select("surface")
    forms = words.with_columns(pl.Series(name, form(words["surface"].to_list()), dtype=pl.String))
    return vocabulary.join(forms, on="surface", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(pl.col("surface"))
    )
