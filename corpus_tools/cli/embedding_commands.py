"""Commands that make word vectors and read them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

import corpus_tools as ct
from corpus_tools.cli.console import Articles, Json, Seed, app, read_source, show_facts, show_rows
from corpus_tools.errors import BadInput

METHODS = ("ppmi", "word2vec", "fasttext")
VectorFile = Annotated[Path, typer.Argument(help="A file of vectors, from embed or elsewhere.")]


@app.command()
def embed(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A corpus, or the figures of a press.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="The file to write: safetensors, or the word2vec format if the name ends in .txt, "
            ".vec, .w2v or .bin."
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
    near_copies: Annotated[
        bool, typer.Option(help="Count near-copies of articles too; they are folded otherwise.")
    ] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Make word vectors of a corpus, and of bootstrap samples of it."""
    start = time.perf_counter()
    if method not in METHODS:
        raise BadInput(f"there is no method «{method}»: take one of {', '.join(METHODS)}.")
    source, facts = _count_source(folder, form, near_copies)
    options: dict[str, Any] = {"size": size, "window": window, "min_count": min_count, "seed": seed}
    options |= {key: facts.pop(key) for key in ("window", "min_count") if key in facts}
    number = (20 if method == "ppmi" else 0) if replicates is None else replicates
    if method == "ppmi":
        vectors, ensemble = ct.embeddings.ppmi_svd_ensemble(source, number, **options)
    else:
        train = ct.embeddings.word2vec if method == "word2vec" else ct.embeddings.fasttext
        vectors = train(source, **options)
        again = ct.embeddings.bootstrap_gensim(method, source, number, **options)  # type: ignore[arg-type]
        ensemble = list(again) if number else []
    about = {"method": method, **options, "form": form, **facts}
    ct.embeddings.save_vectors(vectors, out, ensemble=ensemble, about=about)
    facts = {
        "vectors": str(out),
        "words": len(vectors),
        "method": method,
        **options,
        "replicates": number,
        **facts,
        "seconds": round(time.perf_counter() - start, 2),
    }
    show_facts(facts, as_json)


def _count_source(folder: Path, form: str, near_copies: bool) -> tuple[Any, dict[str, Any]]:
    """What vectors are made from, and what is to be said of it."""
    if (folder / "pairs.parquet").is_file():
        reference = ct.open_reference(folder, near_copies=near_copies)
        about = reference.about
        folded = 0 if near_copies else about["security_near_copies"]
        facts = {"window": about["window"], "min_count": about["min_pair_count"]}
        return reference.cooccurrences_in(form), facts | {"near_copies_folded": folded}
    corpus, folded = ct.open_corpus(folder), 0
    if not near_copies:
        corpus, folded = ct.corpus.fold_near_duplicates(corpus)
    return corpus.words(form), {"near_copies_folded": folded}


@app.command()
def neighbours(
    vectors: VectorFile,
    word: Annotated[str, typer.Argument(help="A word.")],
    number: Annotated[int, typer.Option(min=1, help="How many neighbours.")] = 10,
    min_count: Annotated[
        int, typer.Option(min=1, help="Leave out neighbours of fewer occurrences.")
    ] = 20,
    own_forms: Annotated[
        bool, typer.Option(help="Show other spellings and clitic forms of the word too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the nearest words, or say why the data cannot tell."""
    keyed, ensemble = ct.embeddings.open_vectors(vectors)
    if word not in keyed:  # vectors of normal forms hold الامن where a person writes الأمن
        word = ct.arabic.normalize([word])[0]
    options: dict[str, Any] = {"number": number, "ensemble": ensemble, "own_forms": own_forms}
    options |= {"min_count": min_count}
    if min_count < 20:  # who asks for rare words gets words of few documents too
        options |= {"min_documents": 1}
    table = ct.embeddings.nearest_neighbours(keyed, word, **options)
    show_rows(table.to_dicts(), as_json)
    if ensemble and not as_json:
        print(ct.embeddings.judge_neighbours(keyed, word, ensemble))


@app.command()
def evaluate(vectors: VectorFile, as_json: Json = False) -> None:
    """Score vectors on related words and analogies of the domain."""
    keyed, _ = ct.embeddings.open_vectors(vectors)
    show_rows(ct.embeddings.evaluate_vectors(keyed).to_dicts(), as_json)


@app.command()
def axes(vectors: VectorFile, source: Articles, as_json: Json = False) -> None:
    """Place every document on the axes of meaning: bias and intensity."""
    keyed, _ = ct.embeddings.open_vectors(vectors)
    corpus = read_source(source)
    counts = ct.words.count_words(corpus)
    names = corpus.documents["document"].to_list()
    for axis in ct.embeddings.axis_names():
        places = ct.embeddings.frame_axis(counts, keyed, ct.embeddings.fit_axis(keyed, axis))
        rows = places.iter_rows(named=True)
        show_rows(({**r, "document": names[r["document"]], "axis": axis} for r in rows), as_json)
