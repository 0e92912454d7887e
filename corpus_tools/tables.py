"""Tables as a reader sees them: a title, Arabic from right to left, and plain text for checks.

Each table is shown twice in one output: as HTML for the eye and as plain text, which nbval
compares. Where `corpus_tools.reproduce` collects results, it is also written as CSV.
"""

from __future__ import annotations

import os
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from IPython.display import display

from corpus_tools import arabic

RESULTS = "CORPUS_TOOLS_RESULTS"  # the folder that results are collected in, if any
_ARABIC = re.compile(r"[\u0600-\u06FF]")
_CELL = (
    "padding:0.25em 0.8em;border-bottom:1px solid #ddd;text-align:{align};unicode-bidi:plaintext"
)


def show(table: pl.DataFrame, title: str, *, note: str = "", digits: int = 2) -> None:
    """Show a table in a notebook.

    Args:
        table: What to show, at most a screen of it.
        title: What the table says, with its unit and its number of texts.
        note: What a reader must know to read it rightly.
        digits: Digits after the point; few enough to be the same on every processor.
    """
    cells = [[cell(value, digits) for value in row] for row in table.iter_rows()]
    heads = [name.replace("_", " ") for name in table.columns]
    lines = [
        title,
        " | ".join(heads),
        *(" | ".join(row) for row in cells),
        *([note] if note else []),
    ]
    _show(_html(heads, cells, title, note), "\n".join(lines))
    collect(table, title)


def show_concordance(table: pl.DataFrame, title: str, *, note: str = "") -> None:
    """Show lines of a concordance, aligned on their node, what precedes it on the right.

    Args:
        table: ``before``, ``node``, ``after`` and any columns that say where and what.
        title: What was looked for and how many lines there are.
        note: What a reader must know to read it rightly.
    """
    sides = ("before", "node", "after")
    others = [name for name in table.columns if name not in sides]
    heads = [*others, *sides]
    cells = [[cell(row[name], 2) for name in heads] for row in table.iter_rows(named=True)]
    styles = {"before": "left", "node": "center", "after": "right"}  # in a table that runs rtl
    lines = [
        title,
        *(" | ".join([*row[:-3], f"{row[-3]}[{row[-2]}]{row[-1]}"]) for row in cells),
        *([note] if note else []),
    ]
    _show(_html(heads, cells, title, note, rtl=True, align=styles), "\n".join(lines))
    collect(table, title)


def collect(table: pl.DataFrame, title: str) -> None:
    """Write a table as CSV where results are collected; lists become text."""
    folder = os.environ.get(RESULTS)
    if folder:
        place = Path(folder) / "tables"
        place.mkdir(parents=True, exist_ok=True)
        joined = [
            pl.col(name).cast(pl.List(pl.String)).list.join("; ")
            for name, kind in table.schema.items()
            if kind.base_type() is pl.List
        ]
        table.with_columns(joined).write_csv(place / f"{slug(title)}.csv")


def slug(title: str) -> str:
    """A file name for a title.

    >>> slug("Frames of the seed article, 19 paragraphs")
    'frames-of-the-seed-article-19-paragraphs'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")


def cell(value: Any, digits: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        rounded = f"{value:,.{digits}f}"
        return rounded.lstrip("-") if float(rounded.replace(",", "")) == 0 else rounded
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | pl.Series):
        return " · ".join(cell(item, digits) for item in value)
    return str(value).replace("\n", "↵")


def _html(
    heads: list[str],
    cells: list[list[str]],
    title: str,
    note: str,
    *,
    rtl: bool = False,
    align: dict[str, str] | None = None,
) -> str:
    align = align or {}
    head = "".join(f'<th style="{_CELL.format(align="start")}">{escape(h)}</th>' for h in heads)
    rows = [
        "<tr>"
        + "".join(_cell(h, c, align.get(h)) for h, c in zip(heads, row, strict=True))
        + "</tr>"
        for row in cells
    ]
    direction = ' dir="rtl"' if rtl else ""
    below = f"<p><small>{escape(note)}</small></p>" if note else ""
    return (
        f'<div><table{direction} style="border-collapse:collapse">'
        f'<caption dir="ltr" style="text-align:left;font-weight:bold">{escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{below}</div>"
    )


def _cell(head: str, text: str, align: str | None) -> str:
    arabic = ' dir="rtl" lang="ar"' if _ARABIC.search(text) else ""
    number = re.fullmatch(r"[–-]?[\d,.]*", text)
    side = align or ("right" if number or arabic else "left")
    weight = ";font-weight:bold" if head == "node" else ""
    return f'<td{arabic} style="{_CELL.format(align=side)}{weight}">{escape(text)}</td>'


def _show(html: str, plain: str) -> None:
    display({"text/html": html, "text/plain": plain}, raw=True)


@cache
def glosses() -> dict[str, str]:
    """English glosses of words that the notebooks show, by normal form."""
    table = pl.read_csv((files("corpus_tools") / "data" / "glosses.csv").read_bytes())
    return dict(table.select("word", "gloss").iter_rows())


def with_gloss(table: pl.DataFrame, column: str = "word", *, name: str = "gloss") -> pl.DataFrame:
    """The table with a column of glosses after `column`; null where no gloss is at hand.

    >>> with_gloss(pl.DataFrame({"word": ["الأمن", "ظظظ"]}))["gloss"].to_list()
    ['the security', None]
    """
    known = [glosses().get(word) for word in arabic.normal(table[column].to_list())]
    at = table.columns.index(column) + 1
    return table.clone().insert_column(at, pl.Series(name, known, dtype=pl.String))


def headlines(rows: list[tuple[str, object]], title: str, *, note: str = "") -> None:
    """Show the headline numbers of a notebook, each with what it says."""
    values = [cell(value, 2) for _, value in rows]
    show(pl.DataFrame({"finding": [text for text, _ in rows], "value": values}), title, note=note)


def check(answer: object, right: object) -> None:
    """Say whether the answer to an exercise is right; with none yet, say that.

    >>> check(None, 3), check(3, 3), check(4, 3)
    Not answered yet: put your answer in place of None.
    Right.
    Not yet: think again.
    (None, None, None)
    """
    if answer is None:
        print("Not answered yet: put your answer in place of None.")
    else:
        print("Right." if answer == right else "Not yet: think again.")
