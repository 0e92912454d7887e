"""Commands that make the figures of a reference corpus and run the notebooks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import corpus_tools as ct
from corpus_tools.cli.console import Json, app, show_facts, show_rows


@app.command()
def press(
    source: Annotated[Path, typer.Argument(help="A newspaper corpus.")],
    out: Annotated[Path, typer.Argument(help="The folder of figures to write.")],
    citation: Annotated[
        str | None, typer.Option(help="How the newspaper corpus is to be cited.")
    ] = None,
    reuse: Annotated[Path | None, typer.Option(help="Take lemmas over from these figures.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Code frames as learned from this coded corpus.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count a newspaper corpus into figures that hold no text."""
    book = ct.framing.read_codebook()
    coder = ct.framing.fit_from_gold(gold, book) if gold else ct.framing.cue_coder(book)
    corpus = ct.read_corpus(source)
    about = ct.reference.build_reference(corpus, out, citation=citation, reuse=reuse, progress=True)
    about |= ct.reference.count_frames(corpus, out, coder, book)
    keys = ("read", "documents", "near_copies", "security_articles", "security_words", "words")
    show_facts({key: about[key] for key in (*keys, "types", "paragraphs", "coder")}, as_json)


@app.command()
def reproduce(
    seeds: Annotated[Path, typer.Option(help="The corpus to run the notebooks on.")] = Path(
        "seeds"
    ),
    out: Annotated[Path, typer.Option(help="Where to write the results.")] = Path("results"),
    store: Annotated[bool, typer.Option(help="Store the outputs in the notebooks too.")] = False,
    as_json: Json = False,
) -> None:
    """Run all notebooks and write their tables, figures and pages."""
    runs = ct.report.reproduce_notebooks(seeds, out, store=store)
    failed = {run.name: run.error for run in runs if run.error}
    if as_json:
        facts = {"results": str(out), "notebooks": len(runs), "failed": failed}
        show_rows([facts], as_json)
    else:
        print(f"{len(runs) - len(failed)} of {len(runs)} notebooks ran: {out / 'index.html'}")
    for name, error in failed.items():
        print(f"corpus-tools: {name} failed: {error}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)
