"""Spellings of a word type: from the newspaper's own form to one that can be counted.

Every function works on a *list of types*, never on a running text: a corpus of millions of words
has some hundred thousand types, so each spelling decision is made once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs
import polars as pl
from pyarabic import araby
from tqdm import tqdm

Step = Literal["diacritics", "tatweel", "letters", "alef", "hamza", "maqsura", "marbuta", "digits"]
Form = Literal["stem", "lemma", "stopword"]
CACHE = "CORPUS_TOOLS_CACHE"  # names the folder where lemmas are kept between corpora
_CHUNK = 200  # types that a process takes at a time
_ALONE = 2000  # so few are done before a second process has started
STEPS: tuple[Step, ...] = get_args(Step)
NORMAL: tuple[Step, ...] = ("diacritics", "tatweel", "letters", "alef")

# Keyboard variants of an Arabic letter: Persian yeh and keheh, alef wasla, joiners inside a word.
_ALEFS = str.maketrans(
    dict.fromkeys((araby.ALEF_HAMZA_ABOVE, araby.ALEF_HAMZA_BELOW, araby.ALEF_MADDA), araby.ALEF)
)
_LETTERS = str.maketrans(
    {"\u06cc": "ي", "\u06a9": "ك", "\u0671": "ا", "\u200c": None, "\u200d": None}
)


# Hamza on a seat becomes its seat; a digit of any set becomes the European one.
_SEATS = str.maketrans({araby.WAW_HAMZA: araby.WAW, araby.YEH_HAMZA: araby.YEH})
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


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
        case "hamza":
            return text.translate(_SEATS)
        case "digits":
            return text.translate(_DIGITS)
        case "maqsura":
            return text.replace(araby.ALEF_MAKSURA, araby.YEH)
        case "marbuta":
            return text.replace(araby.TEH_MARBUTA, araby.HEH)


def normal(types: Sequence[str], *, steps: Sequence[Step] = NORMAL) -> list[str]:
    """The normal form of each type: one spelling for what newspapers spell in several ways.

    By default diacritics and tatweel go, keyboard variants of a letter become that letter, and
    the forms of alef are one. Alef maqsura and teh marbuta stay, because folding them merges
    different words (على "on" and علي "Ali"); add ``"maqsura"`` or ``"marbuta"`` to fold them,
    ``"hamza"`` for its seats (مسؤول and مسوول), ``"digits"`` for both digit sets.

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
    lemmas are right for about two nouns, verbs and adjectives in three. About 2 ms a type, so
    more than 2,000 types are shared out among processes, and what is worked out is kept on disk
    for the next corpus: in the folder that the environment names in `CACHE`, or the user's cache.
    (A script that asks for so many must
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
    known = _kept()
    new = sorted(set(bare) - known.keys())
    chunks = [new[i : i + _CHUNK] for i in range(0, len(new), _CHUNK)]
    workers = workers or os.cpu_count() or 1
    with tqdm(total=len(new), unit=" types", desc="lemmas", delay=2, disable=not progress) as bar:
        found: list[str] = []
        if workers == 1 or len(new) <= _ALONE:
            for chunk in chunks:
                found += _lemmatise(chunk)
                bar.update(len(chunk))
        else:
            # Fresh processes: a fork of one that runs Polars' threads may hang.
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                for part in pool.map(_lemmatise, chunks):
                    found += part
                    bar.update(len(part))
    if new:
        known |= dict(zip(new, normal(found), strict=True))
        _keep(known)
    return [known[word] for word in bare]


def _kept_at() -> Path:
    folder = os.environ.get(CACHE) or platformdirs.user_cache_dir("corpus-tools")
    return Path(folder, f"lemmas-qalsadi-{version('qalsadi')}.parquet")


def _kept() -> dict[str, str]:
    """The lemmas that were worked out before, for this corpus or another."""
    try:
        return dict(pl.read_parquet(_kept_at(), columns=["word", "lemma"]).iter_rows())
    except (OSError, pl.exceptions.PolarsError):
        return {}


def _keep(known: dict[str, str]) -> None:
    """Keep lemmas for the next corpus; a disk that is full or read-only is no error."""
    place = _kept_at()
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    table = pl.DataFrame({"word": known.keys(), "lemma": known.values()})
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        table.sort("word").write_parquet(beside)
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)


def _lemmatise(words: list[str]) -> list[str]:
    lemmatizer = _lemmatizer()
    return [lemmatizer.lemmatize(word) or word for word in words]


@cache
def _lemmatizer() -> Any:
    """The analyser of qalsadi, with its nouns in memory."""
    from qalsadi.lemmatizer import Lemmatizer  # 0.3 s to import: only when lemmas are asked for

    lemmatizer = Lemmatizer()
    # It asks SQLite for some twenty stems a type, each in a statement of its own to be parsed
    # anew: more than half of its time.
    nouns = lemmatizer.analexer.nounstemmer
    for dictionary in (nouns.noun_dictionary, nouns.custom_noun_dictionary):
        dictionary.lookup = _lookup(dictionary.cursor.execute("SELECT * FROM nouns"))
    return lemmatizer


def _lookup(rows: Iterable[Any]) -> Callable[[str], list[Any]]:
    entries: dict[str, list[Any]] = {}
    for row in rows:
        entries.setdefault(row["normalized"], []).append(row)
    return lambda word: list(entries.get(araby.normalize_hamza(word), ()))


def stems(types: Sequence[str]) -> list[str]:
    """The stem of each type, by the light stemmer of tashaphyne, in normal spelling.

    Clitics and endings are cut off by their letters alone, with no dictionary: some forty times
    faster than lemmas, and as often wrong where a word only looks as if it had them.

    >>> stems(["والأمن", "المغربية"])
    ['امن', 'مغرب']
    """
    from tashaphyne.stemming import ArabicLightStemmer

    stemmer = ArabicLightStemmer()
    return [stemmer.light_stem(word) or word for word in normal(types)]


def stopwords(types: Sequence[str]) -> list[bool]:
    """Whether each type is a function word (with its clitics), by the list of arabicstopwords.

    >>> stopwords(["والذي", "الأمن"])
    [True, False]
    """
    import arabicstopwords.arabicstopwords as listed

    known = set(normal(listed.stopwords_list()))
    return [word in known for word in normal(types)]


def with_forms(vocabulary: pl.DataFrame) -> pl.DataFrame:
    """Add the column ``normal`` to a vocabulary table; pieces that are no words keep their surface.

    >>> table = pl.DataFrame({"surface": ["الأمن", "."], "kind": ["word", "punctuation"]})
    >>> with_forms(table)["normal"].to_list()
    ['الامن', '.']
    """
    return with_spelling(vocabulary, "normal")


def with_spelling(
    vocabulary: pl.DataFrame, name: str, *, steps: Sequence[Step] = NORMAL
) -> pl.DataFrame:
    """Add a spelling of one's own to a vocabulary table (see `normal`), under a name.

    >>> table = pl.DataFrame({"surface": ["المدينة", "١٢"], "kind": ["word", "number"]})
    >>> with_spelling(table, "folded", steps=["marbuta", "digits"])["folded"].to_list()
    ['المدينه', '12']
    """
    kinds = ["word", "number"] if "digits" in steps else ["word"]
    return _with_form(vocabulary, name, lambda types: normal(types, steps=steps), kinds)


def with_form(
    vocabulary: pl.DataFrame,
    form: Form,
    *,
    min_count: int = 1,
    workers: int | None = None,
    progress: bool = False,
) -> pl.DataFrame:
    """Add the column ``stem``, ``lemma`` or ``stopword`` to a vocabulary table, unless it is there.

    Args:
        form: Which.
        min_count: A type of fewer occurrences gets its normal form for a lemma.
        workers, progress: As in `lemmas`.
    """
    if form in vocabulary.columns:
        return vocabulary
    if form == "stem":
        return _with_form(vocabulary, form, stems)
    if form == "stopword":
        is_word = vocabulary["kind"] == "word"
        known = pl.Series(stopwords(vocabulary["surface"].filter(is_word).to_list()))
        column = pl.Series("stopword", [False]).new_from_index(0, vocabulary.height)
        return vocabulary.with_columns(column.scatter(is_word.arg_true(), known))
    often = vocabulary.select("surface", often=pl.col("count") >= min_count)
    frequent = dict(often.iter_rows()) if min_count > 1 else {}

    def found(types: list[str]) -> list[str]:
        chosen = [word for word in types if frequent.get(word, True)]
        lemma_of = dict(
            zip(chosen, lemmas(chosen, workers=workers, progress=progress), strict=True)
        )
        return [lemma_of.get(word) or normal([word])[0] for word in types]

    return _with_form(vocabulary, form, found)


def _with_form(
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
