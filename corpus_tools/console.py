"""What all commands share: the program, its options, how it prints and how it opens a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus

HELP = """The functions of this package for other programs and for CI.

Exit status 0 when all went well, 1 when the work failed or the data cannot carry the measure, 2
on bad input. With --json standard output holds JSON objects and nothing else.
"""

# Each command imports what it needs: gensim, matplotlib and the notebooks' tools take seconds.
app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=HELP
)
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, an object a line.")]


def show(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    """Rows as JSON lines, or as text with a tab between values."""
    for row in rows:
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            print("\t".join(_plain(value) for value in row.values()))


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value).replace("\n", " ")


def opened(source: Path) -> Corpus:
    """A corpus folder as it is; texts are built into a corpus first."""
    if (source / "tokens").is_dir() and (source / "manifest.json").is_file():
        return corpus_.open(source)
    return corpus_.build(source)
