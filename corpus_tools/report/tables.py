"""Tables as a reader sees them: a title, Arabic from right to left, and plain text for checks.

Each table is shown twice in one output: as HTML for reading and as plain text, which nbval
compares. While `corpus_tools.report.reproduce` collects results, it is also written as CSV.
"""

from __future__ import annotations

import os
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import polars as pl
from IPython.display import display

from corpus_tools.arabic.spelling import normalize
from corpus_tools.corpus.tokens import TOKEN_PATTERN
from corpus_tools.data import read_table

RESULTS_VARIABLE = "CORPUS_TOOLS_RESULTS"  # names the folder where results are collected
NOTEBOOK_VARIABLE = "CORPUS_TOOLS_NOTEBOOK"  # the notebook that they come from
_ARABIC = re.compile(r"[\u0600-\u06FF]")
_MARKS = str.maketrans("،؛؟⟦⟧", ",;?[]")
_CELL = "padding:0.25em 0.8em;border-bottom:1px solid #ddd;text-align:{};unicode-bidi:plaintext"
# The sides of a concordance line and which way each leans in a table that runs right to left.
_SIDES = {
    "before": "text-align:left",
    "node": "text-align:center;font-weight:bold",
    "after": "text-align:right",
}
_SIDE = '<td dir="rtl" lang="ar" style="{};white-space:nowrap;padding:0.4em 0.2em 0">{}</td>'


def show_table(table: pl.DataFrame, title: str, *, note: str = "", digits: int = 2) -> None:
    """Show a table in a notebook.

    Args:
        table: What to show, at most a screenful.
        title: What the table says, with its unit and the number of texts.
        note: What a reader must know to interpret it.
        digits: Digits after the decimal point; few enough to be the same on every processor.
    """
    cells = [[format_cell(value, digits) for value in row] for row in table.iter_rows()]
    heads = [name.replace("_", " ") for name in table.columns]
    lines = [
        title,
        " | ".join(heads),
        *(" | ".join(row) for row in cells),
        *([note] if note else []),
    ]
    display_both(_html(heads, cells, title, note), "\n".join(lines))
    collect_table(table, title)


def show_concordance(table: pl.DataFrame, title: str, *, note: str = "") -> None:
    """Show the lines of a concordance, aligned on the node; what precedes it is on the right.

    Under ``word by word`` each word of the line has its gloss, in the order of reading, so that a
    reader without Arabic can follow; … stands for a word without a gloss.

    Args:
        table: ``before``, ``node``, ``after`` and further columns that say where the line is from.
        title: What was searched and how many lines there are.
        note: What a reader must know to interpret it.
    """
    line = pl.concat_str("before", pl.lit("⟦"), "node", pl.lit("⟧"), "after")
    table = table.with_columns(word_by_word=line.map_elements(gloss_words, return_dtype=pl.String))
    others = [name for name in table.columns if name not in (*_SIDES, "word_by_word")]
    plain, rows = [title], []
    for row in table.iter_rows(named=True):
        where = " | ".join(
            f"{name} {value}" if isinstance(value := row[name], int) else format_cell(value, 2)
            for name in others
        )
        plain.append(f"{where} | {row['before']}[{row['node']}]{row['after']}")
        plain.append(f"    {row['word_by_word']}")
        sides = "".join(_SIDE.format(_SIDES[side], escape(row[side])) for side in _SIDES)
        rows.append(
            f"<tr>{sides}</tr>"
            f'<tr><td colspan="3" dir="ltr" style="text-align:center;border-bottom:1px solid #ddd">'
            f"<small>{escape(row['word_by_word'])}<br><i>{escape(where)}</i></small></td></tr>"
        )
    display_both(_frame("".join(rows), title, note, rtl=True), "\n".join([*plain, *_lines(note)]))
    collect_table(table, title)


def collect_table(table: pl.DataFrame, title: str) -> None:
    """Write a table as CSV if results are being collected; lists become text."""
    place = result_path("tables", title, ".csv")
    if place:
        joined = [
            pl.col(name).cast(pl.List(pl.String)).list.join("; ")
            for name, kind in table.schema.items()
            if kind.base_type() is pl.List
        ]
        table.with_columns(joined).write_csv(place)


def result_path(kind: str, title: str, suffix: str) -> Path | None:
    """Where a result is to be written, or None if results are not being collected.

    A second result of the same name in one notebook gets a number.
    """
    if RESULTS_VARIABLE not in os.environ:
        return None
    folder = Path(os.environ[RESULTS_VARIABLE]) / kind
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{os.environ.get(NOTEBOOK_VARIABLE, 'table')}-{slugify(title)}"
    names = [name, *(f"{name}-{number}" for number in range(2, 100))]
    return next(folder / f"{n}{suffix}" for n in names if not (folder / f"{n}{suffix}").exists())


def slugify(title: str) -> str:
    """A file name from a title: what precedes its first comma or colon.

    >>> slugify("Frames of the seed article: share of 19 paragraphs")
    'frames-of-the-seed-article'
    """
    head = re.split(r"[,:;]", title.lower())[0]
    return re.sub(r"[^a-z0-9]+", "-", head).strip("-") or "untitled"


def format_cell(value: Any, digits: int) -> str:
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
        return " · ".join(format_cell(item, digits) for item in value)
    return str(value).replace("\n", "↵")


def _html(heads: list[str], cells: list[list[str]], title: str, note: str) -> str:
    head = "".join(f'<th style="{_CELL.format("left")}">{escape(name)}</th>' for name in heads)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in cells)
    return _frame(f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>", title, note)


def _frame(inside: str, title: str, note: str, *, rtl: bool = False) -> str:
    direction = ' dir="rtl"' if rtl else ""
    below = "".join(f"<p><small>{escape(line)}</small></p>" for line in _lines(note))
    return (
        f'<div><table{direction} style="border-collapse:collapse">'
        f'<caption dir="ltr" style="text-align:left;font-weight:bold">{escape(title)}</caption>'
        f"{inside}</table>{below}</div>"
    )


def _lines(note: str) -> list[str]:
    return [note] if note else []


def _cell(text: str) -> str:
    arabic = ' dir="rtl" lang="ar"' if _ARABIC.search(text) else ""
    side = "right" if arabic or re.fullmatch(r"[–-]?[\d,.]*", text) else "left"
    return f'<td{arabic} style="{_CELL.format(side)}">{escape(text)}</td>'


def display_both(html: str, plain: str) -> None:
    """Show something in a notebook, as HTML for reading and as text for checks."""
    display({"text/html": html, "text/plain": plain}, raw=True)


@cache
def read_glosses() -> dict[str, str]:
    """English glosses of the words that the notebooks show, by normal form."""
    table = read_table("glosses")
    return dict(table.select("word", "gloss").iter_rows())


def gloss_words(text: str) -> str:
    """The glosses of the words of a text in the order of reading; marks and numbers are kept.

    >>> gloss_words("تعزيز الأمن، 2024")
    'strengthening the security, 2024'
    """
    pieces = pl.Series([text]).str.extract_all(TOKEN_PATTERN).explode().drop_nulls().to_list()
    forms = normalize(pieces)
    return "".join(map(_read, pieces, forms)).strip()


def _read(piece: str, form: str) -> str:
    if re.match(r"[^\W\d_]", piece) and _ARABIC.search(piece):
        # The first of several meanings, without notes on grammar: a line must stay readable.
        first = read_glosses().get(form, "…").split(";")[0]
        return re.sub(r" \((masculine|feminine|of a name)\)", "", first)
    return piece.translate(_MARKS)


def add_gloss(table: pl.DataFrame, column: str = "word", *, name: str = "gloss") -> pl.DataFrame:
    """The table with a column of glosses after `column`; null for words without a gloss.

    >>> add_gloss(pl.DataFrame({"word": ["الأمن", "ظظظ"]}))["gloss"].to_list()
    ['the security', None]
    """
    known = [read_glosses().get(word) for word in normalize(table[column].to_list())]
    at = table.columns.index(column) + 1
    return table.clone().insert_column(at, pl.Series(name, known, dtype=pl.String))


def format_interval(value: str, low: str, high: str) -> pl.Expr:
    """A column and the ends of its interval as text, for tables without room for three columns.

    >>> table = pl.DataFrame({"share": [0.301, None], "low": [0.2, None], "high": [0.4, None]})
    >>> table.select(format_interval("share", "low", "high")).to_series().to_list()
    ['0.30 (0.20 to 0.40)', None]
    """
    ends = [pl.col(c).map_elements(lambda x: f"{x:.2f}", pl.String) for c in (value, low, high)]
    return pl.format("{} ({} to {})", *ends).alias(value)


def show_headlines(rows: list[tuple[str, object]], title: str, *, note: str = "") -> None:
    """Show the headline numbers of a notebook, each with what it means."""
    values = [format_cell(value, 2) for _, value in rows]
    show_table(
        pl.DataFrame({"finding": [text for text, _ in rows], "value": values}), title, note=note
    )


def check_answer(answer: object, right: object) -> None:
    """Say whether the answer to an exercise is right, or that there is none yet.

    >>> check_answer(None, 3), check_answer(3, 3), check_answer(4, 3)
    Not answered yet: put your answer in place of None.
    Right.
    Not yet: think again.
    (None, None, None)
    """
    if answer is None:
        print("Not answered yet: put your answer in place of None.")
    else:
        print("Right." if answer == right else "Not yet: think again.")
