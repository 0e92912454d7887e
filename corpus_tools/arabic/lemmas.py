"""Lemmas of word types, by the qalsadi analyser, kept on disk between corpora."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import platformdirs
import polars as pl
from pyarabic import araby
from tqdm import tqdm

from corpus_tools.arabic.spelling import normalize
from corpus_tools.files import write_whole

LEMMA_CACHE = "CORPUS_TOOLS_CACHE"  # names the folder where lemmas are kept between corpora
_CHUNK = 200  # types that a process takes at a time
_ALONE = 2000  # fewer are done before a second process has started


def lemmatize(
    types: Sequence[str], *, workers: int | None = None, progress: bool = False
) -> list[str]:
    """The dictionary form of each type, by the qalsadi analyser, in normal spelling.

    Clitics (و ف ب ل ك س ال) and endings are removed, so that الأمن, والأمن and للأمن share one
    lemma. Each type is analysed without its sentence; on the news sentences of UD Arabic-PUD such
    lemmas are right for about two nouns, verbs and adjectives in three. A type takes about 2 ms, so
    more than 2,000 types are distributed over processes (a script that asks for so many must guard
    its start with ``if __name__ == "__main__"``). Lemmas are kept on disk for the next corpus, in
    the folder that the environment variable `LEMMA_CACHE` names or in the user's cache.

    Args:
        types: Word types as they stand in the text, alef forms and hamza included.
        workers: Processes; by default one per processor.
        progress: Show a progress bar on standard error.

    Returns:
        One lemma per type, in the order given; a type that cannot be analysed is its own lemma.

    >>> lemmatize(["والأمن", "للأمن", "إنجازات"])
    ['امن', 'امن', 'انجاز']
    """
    bare = normalize(types, steps=("diacritics", "tatweel", "letters"))
    known = _read_cache()
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
        known |= dict(zip(new, normalize(found), strict=True))
        _write_cache(known)
    return [known[word] for word in bare]


def _cache_path() -> Path:
    folder = os.environ.get(LEMMA_CACHE) or platformdirs.user_cache_dir("corpus-tools")
    return Path(folder, f"lemmas-qalsadi-{version('qalsadi')}.parquet")


def _read_cache() -> dict[str, str]:
    """The lemmas computed before, for this corpus or another."""
    try:
        return dict(pl.read_parquet(_cache_path(), columns=["word", "lemma"]).iter_rows())
    except (OSError, pl.exceptions.PolarsError):
        return {}


def _write_cache(known: dict[str, str]) -> None:
    """Keep lemmas for the next corpus; a full or read-only disk is not an error."""
    place = _cache_path()
    table = pl.DataFrame({"word": known.keys(), "lemma": known.values()})
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(place) as beside:
            table.sort("word").write_parquet(beside)


def _lemmatise(words: list[str]) -> list[str]:
    lemmatizer = _lemmatizer()
    return [lemmatizer.lemmatize(word) or word for word in words]


@cache
def _lemmatizer() -> Any:
    """The analyser of qalsadi, with its nouns in memory."""
    from qalsadi.lemmatizer import Lemmatizer  # 0.3 s to import: only when lemmas are asked for

    lemmatizer = Lemmatizer()
    # It asks SQLite for some twenty stems per type, each in a statement that is parsed again:
    # more than half of its time.
    nouns = lemmatizer.analexer.nounstemmer
    for dictionary in (nouns.noun_dictionary, nouns.custom_noun_dictionary):
        dictionary.lookup = _lookup(dictionary.cursor.execute("SELECT * FROM nouns"))
    return lemmatizer


def _lookup(rows: Iterable[Any]) -> Callable[[str], list[Any]]:
    entries: dict[str, list[Any]] = {}
    for row in rows:
        entries.setdefault(row["normalized"], []).append(row)
    return lambda word: list(entries.get(araby.normalize_hamza(word), ()))
