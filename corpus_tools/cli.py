"""The command ``corpus-tools``: the functions of this package for other programs and for CI.

Exit status 0 when all went well, 1 when the work failed or the data cannot carry the measure, 2
on bad input. With ``--json`` standard output holds JSON objects and nothing else.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus_tools import cli_coding  # noqa: F401 (adds its commands)
from corpus_tools import corpus as corpus_
from corpus_tools.console import Json, app, opened, show
from corpus_tools.errors import BadInput, InsufficientEvidence


def main() -> None:
    """Run the command; an error becomes one sentence and an exit status."""
    try:
        app()
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        sys.stderr.close()
        sys.exit(0)
    except (BadInput, InsufficientEvidence, OSError) as error:
        sentence = str(error)
        if isinstance(error, OSError) and error.strerror:
            sentence = f"{error.filename}: {error.strerror}."
        print(f"corpus-tools: {sentence}", file=sys.stderr)
        if "--json" in sys.argv:
            print(json.dumps({"error": sentence}, ensure_ascii=False))
        sys.exit(2 if isinstance(error, BadInput) else 1)


@app.command()
def build(
    sources: Annotated[
        list[str], typer.Argument(help="Files, folders, globs and URLs of articles.")
    ],
    out: Annotated[Path, typer.Option(help="The corpus folder to write.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column of another than the usual name, as text=matn; repeatable."),
    ] = None,
    strict: Annotated[
        bool, typer.Option(help="Stop at the first thing that would be set aside.")
    ] = False,
    least_words: Annotated[
        int, typer.Option(min=0, help="Set texts of fewer words aside as short.")
    ] = 3,
    cut_lines: Annotated[
        Path | None, typer.Option(help="Cut these lines, a CSV as boilerplate writes it.")
    ] = None,
    lemma: Annotated[bool, typer.Option(help="Also work out lemmas, 2 ms a word type.")] = False,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a Dask scheduler to share the work.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build a corpus from articles and save it, whole or not at all."""
    from corpus_tools import build as build_

    start = time.perf_counter()
    columns = dict(pair.split("=", 1) for pair in column or [] if "=" in pair)
    if len(columns) < len(column or []):
        raise BadInput("a column is named as NAME=COLUMN: write for example text=matn.")
    manifest = build_.build(
        sources,
        out,
        columns=columns,
        strict=strict,
        least_words=least_words,
        boilerplate=_lines(cut_lines),
        scheduler=scheduler,
        progress=True,
    )
    if lemma:
        corpus_.add_form(out, "lemma", progress=True)
    keys = ("read", "documents", "duplicates", "quarantined", "unread_dates", "words", "types")
    facts: dict[str, Any] = {key: manifest[key] for key in keys}
    facts["seconds"] = round(time.perf_counter() - start, 2)
    show([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


def _lines(path: Path | None) -> Any:
    if path is None:
        return None
    import polars as pl

    try:
        return pl.read_csv(path, columns=["outlet", "line"], infer_schema=False)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{path} is no CSV with the columns outlet and line: correct it.") from None


@app.command()
def boilerplate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus folder.")],
    least: Annotated[int, typer.Option(min=2, help="In how many articles of an outlet.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Write the table here, as CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Show the lines that outlets print under article after article; nothing is cut."""
    from corpus_tools import cleaning

    corpus = corpus_.open(folder, only=("documents",))
    lines = cleaning.boilerplate(corpus.documents, least=least)
    if out:
        lines.write_csv(out)
    show(lines.to_dicts(), as_json)


@app.command()
def forms(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus folder.")],
    form: Annotated[str, typer.Argument(help="stem, lemma, stopword, or a name with --step.")],
    step: Annotated[
        list[str] | None, typer.Option(help="A step of a spelling of your own; repeatable.")
    ] = None,
    min_count: Annotated[
        int, typer.Option(min=1, help="Lemmas only of types of so many occurrences.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Add a form to a corpus: its tokens stay as they are."""
    start = time.perf_counter()
    corpus_.add_form(folder, form, steps=step or None, min_count=min_count, progress=True)
    facts = {"form": form, "seconds": round(time.perf_counter() - start, 2)}
    show([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


@app.command()
def reprints(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus folder.")],
    least: Annotated[float, typer.Option(min=0.5, max=1, help="Least Jaccard similarity.")] = 0.8,
    as_json: Json = False,
) -> None:
    """Group near-copies of articles, and show which outlets print the same ones."""
    from corpus_tools import reprints as reprints_

    start = time.perf_counter()
    groups = reprints_.add(folder, least=least)
    if not as_json:
        show(reprints_.by_outlet(groups).to_dicts(), as_json)
    facts = {
        "articles": groups.height,
        "groups": groups["reprints"].drop_nulls().n_unique(),
        "in_groups": groups["reprints"].drop_nulls().len(),
        "seconds": round(time.perf_counter() - start, 2),
    }
    show([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


@app.command()
def kwic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus folder.")],
    word: Annotated[str, typer.Argument(help="The word to look for, in any spelling.")],
    form: Annotated[str, typer.Option(help="surface, normal or lemma.")] = "normal",
    window: Annotated[int, typer.Option(help="Words on each side.", min=0)] = 8,
    as_json: Json = False,
) -> None:
    """Show a word in context, a line an occurrence."""
    from corpus_tools import concordance

    corpus = corpus_.open(folder)
    show(concordance.concordance(corpus, word, form=form, window=window).to_dicts(), as_json)


@app.command()
def embed(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus or a press folder.")],
    out: Annotated[
        Path,
        typer.Option(
            help="The file to write: .safetensors holds all in one; else word2vec format."
        ),
    ],
    method: Annotated[str, typer.Option(help="ppmi, word2vec or fasttext.")] = "ppmi",
    form: Annotated[str, typer.Option(help="surface, normal or lemma.")] = "normal",
    size: Annotated[int, typer.Option(min=1, help="Dimensions.")] = 100,
    window: Annotated[int, typer.Option(min=1, help="Words on each side.")] = 5,
    min_count: Annotated[int, typer.Option(min=1, help="Fewest occurrences of a word.")] = 5,
    replicates: Annotated[
        int | None,
        typer.Option(min=0, help="Bootstrap samples of documents; 20 for ppmi, else none."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every random choice.")] = 0,
    as_json: Json = False,
) -> None:
    """Make word vectors of a corpus, and of bootstrap samples of it."""
    from corpus_tools import embeddings, ensembles
    from corpus_tools import vectors as vectors_

    start = time.perf_counter()
    source: Any
    if (folder / "pairs.parquet").is_file():
        from corpus_tools import press as press_

        opened = press_.open(folder)
        source = opened.meetings if form == "normal" else press_.respelled(opened, form)
        window, min_count = opened.about["window"], opened.about["least_occurrences_for_pairs"]
    else:
        source = corpus_.words(corpus_.open(folder), form)
    if replicates is None:
        replicates = 20 if method == "ppmi" else 0
    options: dict[str, Any] = {
        "method": method,
        "size": size,
        "window": window,
        "min_count": min_count,
        "seed": seed,
    }
    vectors = embeddings.embed(source, **options)
    ensemble = list(ensembles.replicates(source, replicates, **options)) if replicates else []
    vectors_.save(vectors, out, ensemble=ensemble, about={**options, "form": form})
    facts = {"vectors": str(out), "words": len(vectors), **options, "replicates": replicates}
    facts["seconds"] = round(time.perf_counter() - start, 2)
    show([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


@app.command()
def neighbours(
    vectors: Annotated[Path, typer.Argument(help="A file of vectors, from embed or elsewhere.")],
    word: Annotated[str, typer.Argument(help="A word.")],
    number: Annotated[int, typer.Option(min=1, help="How many neighbours.")] = 10,
    as_json: Json = False,
) -> None:
    """List the nearest words, or say why the data cannot tell."""
    from corpus_tools import arabic, stability
    from corpus_tools import vectors as vectors_

    keyed, ensemble = vectors_.open(vectors)
    if word not in keyed:  # vectors of normal forms hold الامن where a person writes الأمن
        word = arabic.normal([word])[0]
    table = stability.neighbours(keyed, word, number=number, ensemble=ensemble)
    show(table.to_dicts(), as_json)
    if ensemble and not as_json:
        print(stability.verdict(keyed, word, ensemble))


@app.command()
def evaluate(
    vectors: Annotated[Path, typer.Argument(help="A file of vectors, from embed or elsewhere.")],
    as_json: Json = False,
) -> None:
    """Score vectors on related words and analogies of the domain."""
    from corpus_tools import evaluation
    from corpus_tools import vectors as vectors_

    show(evaluation.evaluate(vectors_.open(vectors)[0]).to_dicts(), as_json)


@app.command(name="axes")
def axes_(
    vectors: Annotated[Path, typer.Argument(help="A file of vectors, from embed or elsewhere.")],
    source: Annotated[Path, typer.Argument(help="Articles, or a corpus folder.")],
    as_json: Json = False,
) -> None:
    """Place every document on the axes of meaning: bias and intensity."""
    import polars as pl

    from corpus_tools import axes, counts
    from corpus_tools import vectors as vectors_

    keyed, _ = vectors_.open(vectors)
    corpus = opened(source)
    counted = counts.count(corpus)
    ids = corpus.documents["document"]
    for name in axes.names():
        places = axes.frame_axis(counted, keyed, axes.axis(keyed, name))
        rows = places.with_columns(document=ids.gather(places["document"]), axis=pl.lit(name))
        show(rows.to_dicts(), as_json)


@app.command(name="discourse")
def discourse_(
    source: Annotated[Path, typer.Argument(help="Articles, or a corpus folder.")],
    as_json: Json = False,
) -> None:
    """Count the discourse indicators of every document, with the lines that they rest on."""
    from corpus_tools import discourse

    corpus = opened(source)
    for document in discourse.by_document(corpus):
        if as_json:
            show([document], as_json)
            continue
        for indicator, found in document["indicators"].items():
            show([{"d": document["document"], "i": indicator, "c": found["count"],
                     "r": found["rate"], "k": str(found["categories"])}], as_json)  # fmt: skip


@app.command()
def press(
    source: Annotated[Path, typer.Argument(help="A newspaper corpus.")],
    out: Annotated[Path, typer.Argument(help="The folder of figures to write.")],
    reuse: Annotated[Path | None, typer.Option(help="Take lemmas over from this press.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Code frames as learnt from this coded corpus.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count a newspaper corpus into figures that hold no text."""
    from corpus_tools import codebook, framing, press_frames, supervised
    from corpus_tools import press as press_

    book = codebook.read()
    coder = framing.by_cues(book) if gold is None else supervised.from_gold(gold, book)
    corpus = corpus_.build(source)
    about = press_.make(corpus, out, reuse=reuse, progress=True)
    about |= press_frames.make(corpus, out, coder, book)
    keys = ("read", "documents", "security_articles", "security_words", "words", "types")
    facts = {key: about[key] for key in (*keys, "paragraphs", "coder")}
    show([facts] if as_json else [{"": f"{k}: {v}"} for k, v in facts.items()], as_json)


@app.command()
def reproduce(
    seeds: Annotated[Path, typer.Option(help="The corpus to run the notebooks on.")] = Path(
        "seeds"
    ),
    out: Annotated[Path, typer.Option(help="Where to write the results.")] = Path("results"),
    store: Annotated[bool, typer.Option(help="Store outputs in the notebooks too.")] = False,
    as_json: Json = False,
) -> None:
    """Run all notebooks and write their tables, figures and pages."""
    from corpus_tools import reproduce as reproduce_

    runs = reproduce_.reproduce(seeds, out, store=store)
    failed = {run.name: run.error for run in runs if run.error}
    if as_json:
        show([{"results": str(out), "notebooks": len(runs), "failed": failed}], as_json)
    else:
        print(
            f"{len(runs) - len(failed)} of {len(runs)} notebooks ran through: {out / 'index.html'}"
        )
    for name, error in failed.items():
        print(f"corpus-tools: {name} failed: {error}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)
