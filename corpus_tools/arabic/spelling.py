"""Spellings of a word type: from the newspaper's own form to one that can be counted.

Every function takes a *list of types*, never a running text: a corpus of millions of words has some
hundred thousand types, so each spelling decision is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from pyarabic import araby

from corpus_tools.loading.dates import EUROPEAN_DIGITS

Step = Literal["diacritics", "tatweel", "letters", "alef", "hamza", "maqsura", "marbuta", "digits"]
STEPS: tuple[Step, ...] = get_args(Step)
NORMAL_STEPS: tuple[Step, ...] = ("diacritics", "tatweel", "letters", "alef")

# Keyboard variants of an Arabic letter: Persian yeh and keheh, alef wasla, joiners inside a word.
_ALEFS = str.maketrans(
    dict.fromkeys((araby.ALEF_HAMZA_ABOVE, araby.ALEF_HAMZA_BELOW, araby.ALEF_MADDA), araby.ALEF)
)
_LETTERS = str.maketrans(
    {"\u06cc": "ي", "\u06a9": "ك", "\u0671": "ا", "\u200c": None, "\u200d": None}
)


# Hamza on a seat becomes its seat.
_SEATS = str.maketrans({araby.WAW_HAMZA: araby.WAW, araby.YEH_HAMZA: araby.YEH})


def _apply_step(text: str, step: Step) -> str:
    match step:
        case "diacritics":  # pyarabic's list leaves out the small Koranic signs and dagger alef
            return araby.strip_tashkeel(text).replace("\u0670", "")
        case "tatweel":
            return araby.strip_tatweel(text)
        case "letters":
            return text.translate(_LETTERS)
        case "alef":  # araby.normalize_alef would also turn على into علا, and إلى into إلا
            return text.translate(_ALEFS)
        case "hamza":
            return text.translate(_SEATS)
        case "digits":
            return text.translate(EUROPEAN_DIGITS)
        case "maqsura":
            return text.replace(araby.ALEF_MAKSURA, araby.YEH)
        case "marbuta":
            return text.replace(araby.TEH_MARBUTA, araby.HEH)


def normalize(types: Sequence[str], *, steps: Sequence[Step] = NORMAL_STEPS) -> list[str]:
    """The normal form of each type: one spelling for what newspapers spell in several ways.

    By default diacritics and tatweel are removed, keyboard variants of a letter become that letter,
    and the forms of alef become plain alef. Alef maqsura and teh marbuta stay, because folding them
    merges different words (على "on" and علي "Ali"). Add ``"maqsura"`` or ``"marbuta"`` to fold
    them, ``"hamza"`` for its seats (مسؤول and مسوول), ``"digits"`` for both digit sets.

    Args:
        types: Word types as they stand in the text.
        steps: Which of `STEPS` to take; their order does not matter.

    Returns:
        One form per type, in the order given.

    >>> normalize(["الأَمْنُ", "إنجـــاز", "على"])
    ['الامن', 'انجاز', 'على']
    >>> normalize(["الأمن"], steps=[])
    ['الأمن']
    """
    if not types:
        return []
    text = "\n".join(types)  # one pass over all types; a type holds no line break
    for step in steps:
        text = _apply_step(text, step)
    return text.split("\n")


def fold_spelling(types: Sequence[str]) -> list[str]:
    """One spelling for all spellings of a word, at the price of merging some words.

    All of `STEPS` but the digits: hamza gives way to its seat, alef maqsura is written as yeh and
    teh marbuta as heh.

    >>> fold_spelling(["المسؤولة", "إلى"])
    ['المسووله', 'الي']
    """
    return normalize(types, steps=[step for step in STEPS if step != "digits"])
