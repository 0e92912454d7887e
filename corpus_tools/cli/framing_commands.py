"""Commands for frames: code texts, exchange codebooks and codings, compare coders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import corpus_tools as ct
from corpus_tools.cli.console import Articles, Json, Seed, app, read_source, show_rows
from corpus_tools.errors import BadInput

Book = Annotated[Path | None, typer.Option(help="A codebook of your own, TOML or .qdc.")]
GoldFolder = Annotated[
    Path | None, typer.Option(help="A coded corpus to learn from: articles/ and coding.csv.")
]


def _make_coder(way: str, book: Any, gold: Path | None, vectors: Path | None) -> Any:
    if way == "cues":
        return ct.framing.cue_coder(book)
    if gold is None:
        raise BadInput(f"the coder {way} learns from a coded corpus: name one with --gold.")
    if way == "learned":
        return ct.framing.fit_from_gold(gold, book)
    coded = ct.framing.open_gold(gold, book)
    if vectors is None:
        raise BadInput("the coder meaning needs word vectors: name a file with --vectors.")
    keyed, _ = ct.embeddings.open_vectors(vectors)
    return ct.framing.fit_semantic_coder(keyed, book, coded.corpus, coded.coding)


@app.command()
def frames(
    source: Articles,
    codebook: Book = None,
    coder: Annotated[
        Literal["cues", "learned", "meaning"], typer.Option(help="How to code.")
    ] = "cues",
    gold: GoldFolder = None,
    vectors: Annotated[Path | None, typer.Option(help="Word vectors, for meaning.")] = None,
    as_json: Json = False,
) -> None:
    """Code the frames of every paragraph, one line each, with the words they rest on."""
    corpus = read_source(source)
    book = ct.framing.read_codebook(codebook)
    coded = ct.framing.code(corpus, _make_coder(coder, book, gold, vectors))
    names = corpus.documents["document"].to_list()
    why: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in coded.iter_rows(named=True):
        reason = {key: row[key] for key in ("frame", "words", "probability")}
        why.setdefault((names[row["document"]], row["paragraph"]), []).append(reason)
    paragraphs = ct.framing.list_paragraph_frames(corpus, coded).drop("heading")
    for row in paragraphs.iter_rows(named=True):
        reasons: list[Any] = why.get((row["document"], row["paragraph"]), [])
        if not as_json:
            reasons = [f"{r['frame']}: {' + '.join(r['words'])}" for r in reasons]
        show_rows([row | {"reasons": reasons}], as_json)


@app.command()
def codebook(
    codebook: Annotated[
        Path | None, typer.Argument(help="TOML or .qdc; by default the package's own.")
    ] = None,
    qdc: Annotated[Path | None, typer.Option(help="Write it as a REFI-QDA codebook.")] = None,
    as_json: Json = False,
) -> None:
    """Check a codebook and list its frames; write it for NVivo, ATLAS.ti or MAXQDA."""
    book = ct.framing.read_codebook(codebook)
    if qdc is not None:
        ct.framing.write_qdc(book.frames, qdc)
    sizes = dict(book.cues["frame"].value_counts().iter_rows())
    rows = book.frames.select("frame", "arabic", "definition").to_dicts()
    show_rows(({**row, "cues": sizes.get(row["frame"], 0)} for row in rows), as_json)


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
        list[str] | None, typer.Option(help="One of the coders to compare. Repeatable.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Krippendorff's alpha of any number of human coders, one line per frame."""
    import polars as pl

    book, corpus = ct.framing.read_codebook(codebook), read_source(source)
    table = pl.concat(ct.framing.read_annotations(path, corpus, book, key=key) for path in coding)
    if coder:
        chosen = {name: ct.framing.select_coder(table, name) for name in coder}
        table = pl.concat(t.with_columns(coder=pl.lit(name)) for name, t in chosen.items())
    show_rows(ct.framing.krippendorff_alpha(table, book.names, seed=seed).to_dicts(), as_json)
