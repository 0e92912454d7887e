"""What all commands share: the program, its options, how it prints and how it opens a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

import corpus_tools as ct

HELP = """Analyse Arabic newspaper texts about security.

Exit status: 0 if all went well, 1 if the work failed or the data cannot carry the measure, 2 on bad
input. With --json standard output holds JSON objects and nothing else.
"""
# What holds on every processor: cosines differ from the sixth digit on, and the ends of intervals,
# which rest on few replicates, from the fourth or fifth.
DIGITS = 4
INTERVAL_DIGITS = 3
_ENDS = ("low", "high")

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=HELP
)
Json = Annotated[
    bool, typer.Option("--json", help="Write JSON to standard output, one object per line.")
]
Articles = Annotated[Path, typer.Argument(help="Articles, or a corpus folder.")]
CorpusFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A corpus folder.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]


def show_rows(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    """Print rows as JSON lines, or as text with a tab between values; numbers rounded."""
    for row in rows:
        if as_json:
            print(json.dumps(_rounded(row), ensure_ascii=False))
        else:
            print("\t".join(_format(value, _digits(name)) for name, value in row.items()))


def show_facts(facts: dict[str, Any], as_json: bool) -> None:
    """Print one object: as JSON, or a line for each of its values."""
    show_rows([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


def _digits(name: str) -> int:
    return INTERVAL_DIGITS if name.endswith(_ENDS) else DIGITS


def _rounded(value: Any, digits: int = DIGITS) -> Any:
    if isinstance(value, float):
        return round(value, digits) + 0.0 if value == value else None  # no minus zero, no NaN
    if isinstance(value, dict):
        return {key: _rounded(item, _digits(str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item, digits) for item in value]
    return value


def _format(value: Any, digits: int = DIGITS) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    if isinstance(value, list):
        return ", ".join(_format(item, digits) for item in value)
    return "" if value is None else str(value).replace("\n", " ")


def read_source(source: Path) -> ct.Corpus:
    """A corpus from articles, or a corpus folder as it is."""
    return ct.read_corpus(source)
