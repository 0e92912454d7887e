"""Repairs of encoding damage in a document's text; what the newspaper wrote is not changed.

Spelling is decided per word type, in `corpus_tools.arabic.spelling`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

import polars as pl

from corpus_tools.data import read_table


@cache
def repair_rules() -> pl.DataFrame:
    """The repairs in the order of application: ``repair``, ``pattern``, ``replacement``,
    ``reason``.

    >>> repair_rules()["repair"].to_list()[:2]
    ['line_ends', 'byte_order_mark']
    """
    named = pl.col("replacement").replace({"NEWLINE": "\n", "SPACE": " ", "NOTHING": ""})
    return read_table("repairs").with_columns(named)


def repair_texts(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Repair texts, and count how often each repair was made.

    Args:
        texts: The texts as read.

    Returns:
        The texts in the same order, and a table with ``repair``, ``texts`` (number of texts),
        ``times`` and ``reason``.

    >>> fixed, table = repair_texts(pl.Series(["الأ\u200bمن\\r\\n", "ﻷمن"]))
    >>> fixed.to_list()
    ['الأمن\\n', 'لأمن']
    >>> table.filter(pl.col("times") > 0).select("repair", "texts", "times").rows()
    [('line_ends', 1, 1), ('zero_width', 1, 1), ('presentation_forms', 1, 1)]
    """
    # One pass finds the few texts that need a repair; only those are repaired.
    needed = texts.str.contains("|".join(repair_rules()["pattern"]))
    at = needed.arg_true()
    some, counts = texts.gather(at), []
    for _, pattern, replacement, _ in repair_rules().iter_rows():
        times = some.str.count_matches(pattern)
        counts.append(((times > 0).sum(), times.sum()))
        if counts[-1][1] == 0:
            continue
        if replacement in _BY_PYTHON:
            some = _BY_PYTHON[replacement](some, pattern)
        else:
            some = some.str.replace_all(pattern, replacement)
    table = repair_rules().select(
        "repair",
        pl.Series("texts", [c[0] for c in counts], dtype=pl.Int64),
        pl.Series("times", [c[1] for c in counts], dtype=pl.Int64),
        "reason",
    )
    return texts.clone().scatter(at, some) if len(at) else texts, table


def add_repair(table: pl.DataFrame, repair: str, texts: int, reason: str) -> pl.DataFrame:
    """A table of repairs with one more row: a repair made once in each of some texts."""
    row = {"repair": repair, "texts": texts, "times": texts, "reason": reason}
    return pl.concat([table, pl.DataFrame([row], schema=table.schema)])


def agency_tags() -> pl.DataFrame:
    """The tags of news agencies: ``tag``, ``agency``."""
    return read_table("agencies")


def strip_agency_tags(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Texts without the news agency's tag at their beginning, and the tag.

    A tag is removed if it is in brackets or followed by a dash or colon, at the very beginning or
    after the name of a place.

    >>> [column.to_list() for column in strip_agency_tags(pl.Series(["الرياض - واس: وصل", "نص"]))]
    [['الرياض: وصل', 'نص'], ['واس', None]]
    """
    tags = "|".join(re.escape(tag) for tag in agency_tags()["tag"].sort(descending=True))
    place = r"(?:([\p{L} ]{2,25}?)\s*[-–،,(]\s*|\(\s*)?"
    pattern = rf"^\s*{place}({tags})\s*\)?(\s*[-–:])\s*"
    tag = pl.Series("agency", [None], dtype=pl.String).new_from_index(0, len(texts))
    maybe = texts.str.head(80).str.contains_any(agency_tags()["tag"].to_list()).arg_true()
    found = texts.gather(maybe).str.extract(pattern, 2)
    at = maybe.filter(found.is_not_null())
    if not len(at):
        return texts, tag
    place_too = texts.gather(at).str.extract(pattern, 1).is_not_null()
    without = (
        texts.gather(at)
        .str.replace(pattern, "$1$3 ")
        .zip_with(place_too, texts.gather(at).str.replace(pattern, ""))
    )
    return texts.clone().scatter(at, without), tag.scatter(at, found.drop_nulls())


def find_boilerplate(documents: pl.DataFrame, *, min_articles: int = 5) -> pl.DataFrame:
    """Lines that an outlet prints under article after article, for a person to check.

    Args:
        documents: A corpus's table of documents.
        min_articles: How many articles of one outlet must hold the line.

    Returns:
        ``outlet``, ``line``, ``articles`` that hold it and their ``share`` of the outlet's, most
        frequent first. Delete the rows that are not boilerplate; the rest can be passed to
        `corpus_tools.corpus.build.build_corpus`, which removes these lines.

    >>> rows = {"outlet": ["أ"] * 5, "text_clean": [f"خبر {n}\\nالمزيد" for n in range(5)]}
    >>> find_boilerplate(pl.DataFrame(rows)).rows()
    [('أ', 'المزيد', 5, 1.0)]
    """
    articles = documents.group_by("outlet").agg(of=pl.len())
    lines = (
        documents.select("outlet", line=pl.col("text_clean").str.split("\n").list.unique())
        .explode("line")
        .with_columns(pl.col("line").str.strip_chars())
        .filter(pl.col("line") != "")
    )
    return (
        lines.group_by("outlet", "line")
        .agg(articles=pl.len())
        .filter(pl.col("articles") >= min_articles)
        .join(articles, on="outlet", nulls_equal=True)
        .select("outlet", "line", "articles", share=pl.col("articles") / pl.col("of"))
        .sort(["articles", "outlet", "line"], descending=[True, False, False])
    )


def strip_boilerplate(
    texts: pl.Series, outlets: pl.Series, lines: pl.DataFrame
) -> tuple[pl.Series, int]:
    """Texts without their outlet's boilerplate, and how many texts changed.

    Args:
        texts, outlets: Of the documents.
        lines: ``outlet`` and ``line``, as from `find_boilerplate`.
    """
    known = {(outlet, line) for outlet, line in lines.select("outlet", "line").iter_rows()}
    concerned = outlets.is_in(lines["outlet"].unique().to_list(), nulls_equal=True).arg_true()
    cut = [
        "\n".join(line for line in text.split("\n") if (outlet, line.strip()) not in known)
        for text, outlet in zip(texts.gather(concerned), outlets.gather(concerned), strict=True)
    ]
    changed = texts.clone().scatter(concerned, pl.Series(cut, dtype=pl.String))
    return changed, int((changed != texts).sum())


def _decompose(texts: pl.Series, pattern: str) -> pl.Series:
    # Each shape by itself: NFKC on a whole text would also change digits, ligatures and ellipses.
    shapes = re.compile(re.sub(r"\\x\{(\w+)\}", r"\\u\1", pattern))
    return texts.map_elements(
        lambda text: shapes.sub(lambda m: unicodedata.normalize("NFKC", m[0]).strip(), text),
        return_dtype=pl.String,
    )


def _unescape(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.map_elements(html.unescape, return_dtype=pl.String)


def _unmojibake(texts: pl.Series, pattern: str) -> pl.Series:
    # Only where it gives more Arabic: ftfy alone would also change what is intended.
    def fixed(text: str) -> str:
        try:  # UTF-8 as windows-1256, which ftfy does not know: sure if all of it fits
            return text.encode("windows-1256").decode("utf-8")
        except UnicodeError:
            better = ftfy.fix_encoding(text)
            return better if _arabic(better) > _arabic(text) else text

    import ftfy

    return texts.map_elements(fixed, return_dtype=pl.String)


def _arabic(text: str) -> int:
    return sum("\u0620" <= character <= "\u064a" for character in text)


_BY_PYTHON = {"NFKC": _decompose, "HTML": _unescape, "FTFY": _unmojibake}
