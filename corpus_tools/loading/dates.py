"""Dates as Arabic newspapers write them: both digit sets, Moroccan and Levantine month names."""

from __future__ import annotations

import datetime
import re
from functools import cache

import polars as pl

from corpus_tools.data import read_table

EUROPEAN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_YEAR_FIRST = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b")


def month_names() -> pl.DataFrame:
    """The names of months: ``name``, ``month`` (1 to 12), ``where`` each is used."""
    return read_table("months")


@cache
def _month_pattern() -> tuple[re.Pattern[str], dict[str, int]]:
    number = {_plain(name): month for name, month, _ in month_names().iter_rows()}
    names = "|".join(sorted(map(re.escape, number), key=len, reverse=True))
    pattern = (
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:من\s+)?({names})\b[\s,،/()\w]{{0,25}}?\b(\d{{4}})\b"
    )
    english = rf"|\b({names})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
    return re.compile(pattern + english, re.IGNORECASE), number


def _plain(name: str) -> str:
    return name.casefold().translate(str.maketrans("أإآ", "ااا"))


def parse_date(text: str) -> datetime.date | None:
    """The date that a text names, or None.

    Year-month-day and day-month-year in figures are understood, and a day with the name of its
    month. Two figures that could both be the day are read as day before month, as Arabic newspapers
    write. Hijri years (below 1700) are not converted.

    >>> [str(parse_date(text)) for text in ("21 يوليوز 2024", "٢٠٢٤/٠٧/٢١", "31/12/2024م", "أمس")]
    ['2024-07-21', '2024-07-21', '2024-12-31', 'None']
    """
    text = _plain(text.translate(EUROPEAN_DIGITS))
    pattern, number = _month_pattern()
    if found := _YEAR_FIRST.search(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.search(text.replace("م", " ")):
        day, month, year = map(int, found.groups())
    elif found := pattern.search(text):
        day_, name, year_, name2, day2, year2 = found.groups()
        day, month, year = int(day_ or day2), number[name or name2], int(year_ or year2)
    else:
        return None
    try:
        return datetime.date(year, month, day) if year >= 1700 else None
    except ValueError:
        return None


def parse_dates(texts: pl.Series) -> pl.Series:
    """`parse_date` for a column; each distinct text is parsed once."""
    distinct = texts.cast(pl.String).unique().drop_nulls()
    days = pl.Series([parse_date(text) for text in distinct], dtype=pl.Date)
    return texts.cast(pl.String).replace_strict(distinct, days, default=None, return_dtype=pl.Date)
