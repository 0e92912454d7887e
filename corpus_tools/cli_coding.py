"""The commands of framing: code, take codebooks and codings in and out, compare coders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from corpus_tools.codebook import Codebook
from corpus_tools.console import Json, app, opened, show
from corpus_tools.errors import BadInput
from corpus_tools.framing import Coder

Book = Annotated[Path | None, typer.Option(help="A codebook of your own, TOML or .qdc.")]
GoldFolder = Annotated[
    Path | None, typer.Option(help="A coded corpus to learn from: articles/ and coding.csv.")
]


def _coder(way: str, book: Codebook, gold: Path | None, vectors: Path | None) -> Coder:
    from corpus_tools import codings, framing, semantic, supervised
    from corpus_tools import vectors as vectors_

    if way == "cues":
        return framing.by_cues(book)
    if gold is None:
        raise BadInput(f"the coder {way} learns from a coded corpus: name one with --gold.")
    if way == "learned":
        return supervised.from_gold(gold, book)
    coded = codings.open_gold(gold, book)
    if vectors is None:
        raise BadInput("the coder meaning needs word vectors: name a file with --vectors.")
    return semantic.learn(vectors_.open(vectors)[0], book, coded.corpus, coded.coding)


@app.command()
def frames(
    source: Annotated[Path, typer.Argument(help="Articles, or a corpus folder.")],
    codebook: Book = None,
    coder: Annotated[
        Literal["cues", "learned", "meaning"], typer.Option(help="How to code.")
    ] = "cues",
    gold: GoldFolder = None,
    vectors: Annotated[Path | None, typer.Option(help="Word vectors, for meaning.")] = None,
    as_json: Json = False,
) -> None:
    """Code the frames of every paragraph, a line a paragraph, with the words that made it so."""
    from corpus_tools import codebook as codebook_
    from corpus_tools import framing

    corpus = opened(source)
    coded = framing.code(corpus, _coder(coder, codebook_.read(codebook), gold, vectors))
    ids = corpus.documents["document"].to_list()
    why: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in coded.iter_rows(named=True):
        chance = row["probability"]
        reason = {"frame": row["frame"], "words": row["words"]}
        reason["probability"] = None if chance != chance else round(chance, 4)
        why.setdefault((ids[row["document"]], row["paragraph"]), []).append(reason)
    for row in framing.paragraph_frames(corpus, coded).drop("heading").iter_rows(named=True):
        reasons = why.get((row["document"], row["paragraph"]), [])
        if as_json:
            show([row | {"reasons": reasons}], as_json)
        else:
            words = [f"{r['frame']}: {' + '.join(r['words'])}" for r in reasons]
            show([row | {"reasons": words}], as_json)


@app.command(name="codebook")
def codebook_(
    codebook: Annotated[Path | None, typer.Argument(help="TOML or .qdc; else our own.")] = None,
    qdc: Annotated[Path | None, typer.Option(help="Write it as a REFI-QDA codebook.")] = None,
    as_json: Json = False,
) -> None:
    """Check a codebook and list its frames; write it for NVivo, ATLAS.ti or MAXQDA."""
    from corpus_tools import codebook as books
    from corpus_tools import refi

    book = books.read(codebook)
    if qdc is not None:
        refi.write_codebook(book, qdc)
    sizes = dict(book.cues["frame"].value_counts().iter_rows())
    rows = book.frames.select("frame", "arabic", "definition").to_dicts()
    show(({**row, "cues": sizes.get(row["frame"], 0)} for row in rows), as_json)


@app.command()
def agreement(
    source: Annotated[Path, typer.Argument(help="The articles that were coded.")],
    coding: Annotated[
        list[Path], typer.Argument(help="CSV, doccano, Label Studio, INCEpTION or .qdpx.")
    ],
    codebook: Book = None,
    key: Annotated[str, typer.Option(help="The column that names documents, in a CSV.")] = (
        "document"
    ),
    coder: Annotated[
        list[str] | None, typer.Option(help="One of the coders to compare; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 0,
    as_json: Json = False,
) -> None:
    """Krippendorff's alpha of any number of human coders, a line a frame."""
    import polars as pl

    from corpus_tools import agreement as agreement_
    from corpus_tools import codebook as books
    from corpus_tools import codings

    book, corpus = books.read(codebook), opened(source)
    table = pl.concat(codings.read(path, corpus, book, key=key) for path in coding)
    if coder:
        table = pl.concat(codings.by(table, c).with_columns(coder=pl.lit(c)) for c in coder)
    show(agreement_.alpha(table, book.names, seed=seed).to_dicts(), as_json)
