"""Which frames paragraphs carry: a codebook of cues, coding by it, and profiles of texts.

Scores describe features of a text. They establish no intent, no truth or falsity and no
dependence of its author.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import polars as pl

from corpus_tools import concordance
from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus
from corpus_tools.counts import rate_with_interval
from corpus_tools.errors import BadInput

THRESHOLD = 1.0  # the cues of a coded frame weigh this much together


def codebook(path: str | Path | None = None) -> pl.DataFrame:
    """A codebook: the one of this package, or a reader's own in the same form.

    Args:
        path: A TOML file of ``[[frame]]`` tables, each with ``name``, ``arabic``, ``english``,
            ``definition``, ``source`` and ``cues``, a list of ``{ar, en, weight}``.

    Returns:
        A row a cue: ``frame``, ``arabic``, ``english``, ``definition``, ``source``, ``cue``,
        ``gloss``, ``weight``, in the order of the file.

    Raises:
        BadInput: The file is missing, is not TOML, or a frame of it lacks something.

    >>> codebook()["frame"].unique(maintain_order=True).to_list()[:3]
    ['achievement', 'crime_control', 'counter_terrorism']
    """
    source = Path(path) if path else files("corpus_tools") / "data" / "frames.toml"
    try:
        frames = tomllib.loads(source.read_bytes().decode("utf-8"))["frame"]
    except FileNotFoundError:
        raise BadInput(f"{source} does not exist: name a codebook that does.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{source} is not TOML ({error}): correct that line.") from None
    except KeyError:
        raise BadInput(f"{source} holds no frame: write at least one [[frame]].") from None
    rows = []
    for number, frame in enumerate(frames, 1):
        try:
            about = {k: frame[k] for k in ("arabic", "english", "definition", "source")}
            for cue in frame["cues"]:
                weight = float(cue.get("weight", 1.0))
                row = {"frame": frame["name"], **about, "cue": cue["ar"], "gloss": cue["en"]}
                rows.append(row | {"weight": weight})
        except (KeyError, TypeError, ValueError) as error:
            name = frame.get("name", number) if isinstance(frame, dict) else number
            raise BadInput(f"{source}: frame {name} lacks {error}: add it.") from None
    return pl.DataFrame(rows)


def code(corpus: Corpus, book: pl.DataFrame | None = None) -> pl.DataFrame:
    """Code every paragraph by the cues of a codebook.

    A frame is coded where the weights of the distinct cues found add up to `THRESHOLD`. A cue
    inside a longer one of the same frame does not count again; one in a heading counts double,
    because a heading selects and stresses.

    Args:
        corpus: A corpus.
        book: From `codebook`; by default the package's own.

    Returns:
        A row a coded frame: ``document`` (number), ``paragraph``, ``frame``, ``score``, ``cues``
        (as they stand in the text), ``glosses``, in text order, frames in the codebook's order.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.json").write_text('[{"text": "تم تكريم المدير."}]', "utf-8")
    ...     coded = code(corpus_.build(folder))
    >>> coded.select("frame", "score", "cues", "glosses").row(0)
    ('recognition', 1.0, ['تكريم'], ['honouring'])
    """
    book = codebook() if book is None else book
    cues = book.with_row_index("phrase").with_columns(
        order=pl.col("frame").rle_id(), length=pl.col("cue").str.split(" ").list.len()
    )
    hits = concordance.find(corpus, cues["cue"].to_list()).join(
        cues.select("phrase", "frame", "order", "gloss", "weight", "length"), on="phrase"
    )
    hits = _longest(hits)
    shown = concordance.in_context(
        corpus, hits["first"].to_numpy(), hits["last"].to_numpy(), window=0
    )["node"]
    headings = corpus_.paragraphs(corpus).select("document", "paragraph", "heading")
    return (
        hits.with_columns(shown=shown)
        .join(headings, on=["document", "paragraph"])
        .with_columns(pl.col("weight") * (1 + pl.col("heading")))
        .sort("document", "paragraph", "order", "first")
        .unique(["document", "paragraph", "frame", "gloss"], keep="first", maintain_order=True)
        .group_by("document", "paragraph", "order", "frame", maintain_order=True)
        .agg(score=pl.col("weight").sum(), cues="shown", glosses="gloss")
        .filter(pl.col("score") >= THRESHOLD)
        .drop("order")
    )


def _longest(hits: pl.DataFrame) -> pl.DataFrame:
    """Of hits of one frame that lie inside each other, the longest."""
    order = ["frame", "document", "first", "last"]
    ranked = hits.sort(order, descending=[False, False, False, True])
    reach = pl.col("last").cum_max().shift(1).over("frame", "document")
    return ranked.filter((pl.col("last") > reach).fill_null(True))


def paragraph_frames(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
    """Every paragraph with its frames, or none.

    Returns:
        ``document`` (name), ``paragraph``, ``heading``, ``text``, ``frames``, in text order.
    """
    frames = coded.group_by("document", "paragraph", maintain_order=True).agg(frames="frame")
    table = corpus_.paragraphs(corpus).join(
        frames, on=["document", "paragraph"], how="left", maintain_order="left"
    )
    return table.select(
        corpus.documents["document"].gather(table["document"]),
        "paragraph",
        "heading",
        "text",
        pl.col("frames").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )


def profile(
    corpus: Corpus,
    coded: pl.DataFrame,
    book: pl.DataFrame | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """The share of paragraphs that carry each frame, absent frames included.

    Args:
        corpus: The corpus that was coded.
        coded: From `code`.
        book: The codebook it was coded by.
        replicates: Bootstrap replicates.
        seed: Of the resampling.

    Returns:
        ``frame``, ``arabic``, ``paragraphs`` (that carry it), ``of`` (all), ``share``, ``low``
        and ``high`` (95 %), ``unit`` (of resampling, see `corpus_tools.counts.rate_with_interval`),
        most frequent first. For a frame never found, ``high`` is the largest share that a text
        of this length still allows.
    """
    book = codebook() if book is None else book
    frames = book.select("frame", "arabic").unique(maintain_order=True)
    sizes = corpus_.paragraphs(corpus).select("document", "paragraph", size=pl.lit(1))
    rows = []
    for frame, arabic in frames.iter_rows():
        hits = coded.filter(pl.col("frame") == frame).select(
            "document", "paragraph", hits=pl.lit(1)
        )
        estimate = rate_with_interval(hits, sizes, bounded=True, replicates=replicates, seed=seed)
        rows.append(
            {"frame": frame, "arabic": arabic, "paragraphs": hits.height, "of": sizes.height}
        )
        rows[-1] |= {"share": estimate.rate, "low": estimate.low, "high": estimate.high}
        rows[-1]["unit"] = estimate.unit
    return pl.DataFrame(rows).sort(["paragraphs", "frame"], descending=[True, False])
