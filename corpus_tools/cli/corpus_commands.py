"""Commands that build a corpus, look at it and search it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

import corpus_tools as ct
from corpus_tools.cli.console import CorpusFolder, Json, app, show_facts, show_rows
from corpus_tools.errors import BadInput


@app.command()
def build(
    sources: Annotated[
        list[str], typer.Argument(help="Files, folders, globs and URLs of articles.")
    ],
    out: Annotated[Path, typer.Option(help="The corpus folder to write.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column with another than the usual name: text=matn. Repeatable."),
    ] = None,
    strict: Annotated[
        bool, typer.Option(help="Stop at the first row that would be quarantined.")
    ] = False,
    min_words: Annotated[
        int, typer.Option("--least-words", min=0, help="Quarantine texts of fewer words.")
    ] = 3,
    cut_lines: Annotated[
        Path | None, typer.Option(help="Remove these lines: a CSV that boilerplate wrote.")
    ] = None,
    lemma: Annotated[
        bool, typer.Option(help="Also compute lemmas, about 2 ms per word type.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler to share the work.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build a corpus from articles and save it, whole or not at all."""
    start = time.perf_counter()
    columns = dict(pair.split("=", 1) for pair in column or [] if "=" in pair)
    if len(columns) < len(column or []):
        raise BadInput("a column is named as NAME=COLUMN: write for example text=matn.")
    manifest = ct.corpus.build_corpus(
        sources,
        out,
        columns=columns,
        strict=strict,
        min_words=min_words,
        boilerplate=_read_lines(cut_lines),
        scheduler=scheduler,
        progress=True,
    )
    if lemma:
        ct.corpus.save_form(out, "lemma", progress=True)
    keys = ("read", "documents", "duplicates", "quarantined", "unread_dates", "words", "types")
    facts: dict[str, Any] = {key: manifest[key] for key in keys}
    show_facts(facts | {"seconds": round(time.perf_counter() - start, 2)}, as_json)


def _read_lines(path: Path | None) -> Any:
    if path is None:
        return None
    import polars as pl

    try:
        return pl.read_csv(path, columns=["outlet", "line"], infer_schema=False)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(
            f"{path} is not a CSV with the columns outlet and line: correct it."
        ) from None


@app.command()
def boilerplate(
    folder: CorpusFolder,
    min_articles: Annotated[
        int, typer.Option("--least", min=2, help="Articles of an outlet that hold the line.")
    ] = 5,
    out: Annotated[Path | None, typer.Option(help="Write the table to this CSV file.")] = None,
    as_json: Json = False,
) -> None:
    """List lines that an outlet prints under article after article; nothing is removed."""
    corpus = ct.open_corpus(folder, only=("documents",))
    lines = ct.corpus.find_boilerplate(corpus.documents, min_articles=min_articles)
    if out:
        with ct.files.write_whole(out) as beside:
            lines.write_csv(beside)
    show_rows(lines.to_dicts(), as_json)


@app.command()
def forms(
    folder: CorpusFolder,
    form: Annotated[str, typer.Argument(help="stem, lemma, stopword, or a name with --step.")],
    step: Annotated[
        list[str] | None, typer.Option(help="A step of a spelling of your own. Repeatable.")
    ] = None,
    min_count: Annotated[
        int, typer.Option(min=1, help="Lemmas only of types with so many occurrences.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Add a form of each word to a corpus; its tokens stay as they are."""
    start = time.perf_counter()
    ct.corpus.save_form(folder, form, steps=step or None, min_count=min_count, progress=True)
    show_facts({"form": form, "seconds": round(time.perf_counter() - start, 2)}, as_json)


@app.command()
def reprints(
    folder: CorpusFolder,
    min_similarity: Annotated[
        float, typer.Option("--least", min=0.5, max=1, help="Least Jaccard similarity.")
    ] = 0.8,
    as_json: Json = False,
) -> None:
    """Group near-duplicate articles, and list which outlets print the same ones."""
    start = time.perf_counter()
    groups = ct.corpus.save_near_duplicates(folder, min_similarity=min_similarity)
    if not as_json:
        show_rows(ct.corpus.count_shared_reports(groups).to_dicts(), as_json)
    grouped = groups["group"].drop_nulls()
    facts = {
        "articles": groups.height,
        "groups": grouped.n_unique(),
        "in_groups": len(grouped),
        "seconds": round(time.perf_counter() - start, 2),
    }
    show_facts(facts, as_json)


@app.command()
def kwic(
    folder: CorpusFolder,
    word: Annotated[str, typer.Argument(help="The word to look for, in any spelling.")],
    form: Annotated[str, typer.Option(help="surface, normal or lemma.")] = "normal",
    window: Annotated[int, typer.Option(help="Words on each side.", min=0)] = 8,
    as_json: Json = False,
) -> None:
    """Show a word in context, one line per occurrence."""
    lines = ct.words.concordance(ct.open_corpus(folder), word, form=form, window=window)
    show_rows(lines.to_dicts(), as_json)
