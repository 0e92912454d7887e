"""The written forms of a dictionary word: clitics before and after it, and its endings."""

from __future__ import annotations

import polars as pl

from corpus_tools.arabic.spelling import fold_spelling, normalize
from corpus_tools.data import read_table

_MIN_STEM = 3  # letters that must be left when a clitic is taken off
# ي "my" is left out: it would take the adjective أمني for a form of أمن.
_PRONOUNS = ("", "ه", "ها", "هم", "هما", "هن", "نا", "كم")


def affix_table() -> pl.DataFrame:
    """The clitics and endings that a cue may carry: ``place``, ``affix``, ``gloss``."""
    return read_table("affixes")


def _affixes(place: str) -> list[str]:
    return affix_table().filter(place=place)["affix"].to_list()


def inflect(word: str) -> list[str]:
    """The written forms under which a dictionary word may occur, in normal spelling.

    A conjunction, then a preposition or the article, then the word, then an ending; a final teh
    marbuta gives way to the ending. Many of the forms are not words: they are only searched for. A
    word written with ``=`` before it takes no ending, which keeps عهد "era" apart from عهدة
    "custody"; one with ``+`` takes a conjunction and nothing else, as a finite verb does.

    >>> {"والشبكات", "بشبكتها", "شبكة"} <= set(inflect("شبكة"))
    True
    >>> "عهدة" in inflect("=عهد"), "وعهد" in inflect("=عهد")
    (False, True)
    >>> inflect("+سجل")
    ['سجل', 'فسجل', 'وسجل']
    """
    base = normalize([word.lstrip("=+")])[0]
    proclitics = [] if word.startswith("+") else _affixes("proclitic")
    endings = [base]
    if word[0] not in "=+":
        stem = base.removesuffix("ة")
        endings += [stem + ending for ending in _affixes("suffix")]
    before = [c + p for c in ("", *_affixes("conjunction")) for p in ("", *proclitics)]
    return sorted({prefix + ending for prefix in before for ending in endings})


def clitic_forms(word: str) -> set[str]:
    """A word with and without clitics: forms that differ from it by them or by spelling alone.

    Conjunctions, prepositions, the article and attached pronouns are taken off and put on; plurals
    and derived words are other words. The forms are folded
    (`corpus_tools.arabic.spelling.fold_spelling`), so fold what is looked up in them.

    >>> {"والامن", "امن", "امنها", "للامن"} <= clitic_forms("الأمن")
    True
    >>> "امني" in clitic_forms("الأمن"), "المواطنين" in clitic_forms("المواطن")
    (False, False)
    """
    folded = fold_spelling([word])[0]
    conjunctions, proclitics = _affixes("conjunction"), _affixes("proclitic")
    before = {c + p for c in ("", *conjunctions) for p in ("", *proclitics)}
    bases = {folded} | {
        folded.removeprefix(prefix)
        for prefix in before
        if folded.startswith(prefix) and len(folded) - len(prefix) >= _MIN_STEM
    }
    # A final teh marbuta, folded to ه, is written ت before a pronoun.
    stems = {(base, pronoun) for base in bases for pronoun in _PRONOUNS} | {
        (f"{base[:-1]}ت", pronoun) for base in bases if base.endswith("ه") for pronoun in _PRONOUNS
    }
    return {prefix + base + pronoun for prefix in before for base, pronoun in stems}
