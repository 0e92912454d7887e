"""Discourse indicators: who acts, who speaks, what is counted and what is praised, with their
lines.

Everything is found by the word lists of `corpus_tools.discourse.lexicon`. What they do not hold is
not found, and some of what is found is wrong. Zero means "in none of the listed ways". Scores
describe features of a text. They say nothing about intent, truth or the author's independence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.discourse.lexicon import (
    INDICATORS,
    actor_phrases,
    find_entries,
    indicator_categories,
    indicator_phrases,
    verb_forms,
)
from corpus_tools.resampling import estimate_rate
from corpus_tools.words.kwic import extract_windows, keep_longest

_COLUMNS = {
    "indicator": pl.String,
    "category": pl.String,
    "document": pl.UInt32,
    "paragraph": pl.UInt32,
    "sentence": pl.UInt32,
    "first": pl.Int64,
    "last": pl.Int64,
    "gloss": pl.String,
}
_OURS = ("institution", "leader", "state")
_QUOTE_WORDS = 4  # fewer words between quotation marks are a name, a title or a distance
_QUOTES = {"“": "”", "«": "»", '"': '"', "„": "“"}


def find_indicators(corpus: Corpus) -> pl.DataFrame:
    """Find every occurrence of an indicator, to be read in context.

    Returns:
        ``indicator``, ``category``, ``document`` (number), ``paragraph``, ``sentence``, ``before``,
        ``node``, ``after``, ``gloss``, in the order of `corpus_tools.discourse.lexicon.INDICATORS`
        and of the text.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '[{"text": "أوقفت الشرطة عدة مشتبهين."}]'
    ...     _ = pathlib.Path(folder, "a.json").write_text(text, "utf-8")
    ...     found = find_indicators(ct.read_corpus(folder))
    >>> found.filter(pl.col("indicator") == "agency").select("category", "node", "gloss").row(0)
    ('institution', 'أوقفت الشرطة', 'arrest · the police')
    """
    words = corpus.words()
    places = {
        "lexicon": find_entries(corpus, words, indicator_phrases()),
        "actor": keep_longest(
            find_entries(corpus, words, actor_phrases()).sort("phrase_number"), "start", "end"
        ),
        "verb": find_entries(corpus, words, verb_forms()),
    }
    clause = _clauses(corpus)
    agency, used = _agency(places, clause)
    lexical = _lexical(places["lexicon"], words)
    lexical = _without_counted(corpus, lexical)
    by = places["lexicon"].filter(pl.col("category") == "by")["sentence_id"].implode()
    lexical = lexical.filter(
        (pl.col("indicator") != "agentless") | ~pl.col("sentence_id").is_in(by)
    )
    parts = [
        agency,
        lexical.filter(pl.col("indicator").is_in(INDICATORS)),
        _credited(lexical, places["actor"]),
        _speech(places["verb"], agency, used),
        _tense(agency),
        _quotations(corpus),
        _numbers(corpus, words, lexical),
        _square(lexical, places["actor"]),
    ]
    found = pl.concat([part.select(_columns()) for part in parts])
    found = keep_longest(found, "first", "last", within=["indicator", "category"])
    found = pl.concat([found, _unsourced(corpus, found)])
    order = pl.col("indicator").replace_strict({n: i for i, n in enumerate(INDICATORS)})
    found = found.with_columns(order=order).sort("order", "document", "first", "last", "category")
    context = extract_windows(corpus, found["first"].to_numpy(), found["last"].to_numpy(), window=6)
    return found.select(list(_COLUMNS)[:5]).hstack(context).hstack([found["gloss"]])


def _columns() -> list[pl.Expr]:
    return [pl.col(name).cast(kind) for name, kind in _COLUMNS.items()]


def measure_indicators(
    corpus: Corpus,
    found: pl.DataFrame | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """The rate of each indicator per 1,000 words, including those that never occur.

    Args:
        corpus: A corpus.
        found: From `find_indicators`, if computed already.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.

    Returns:
        ``indicator``, ``category``, ``count``, ``per_1000`` (words), ``low``, ``high`` (95 %),
        ``unit`` (of resampling, see `corpus_tools.resampling.estimate_rate`).
    """
    found = find_indicators(corpus) if found is None else found
    sizes = corpus.paragraphs().select("document", "paragraph", size=pl.col("words"))
    rows = []
    for indicator, category in indicator_categories():
        these = found.filter(
            (pl.col("indicator") == indicator) & (pl.col("category") == category)
        ).select("document", "paragraph", hits=pl.lit(1))
        estimate = estimate_rate(these, sizes, replicates=replicates, seed=seed)
        per_1000 = {n: getattr(estimate, n) * 1000 for n in ("rate", "low", "high")}
        row = {"indicator": indicator, "category": category, "count": these.height, **per_1000}
        rows.append(row | {"unit": estimate.unit})
    return pl.DataFrame(rows).rename({"rate": "per_1000"})


def _clauses(corpus: Corpus) -> np.ndarray:
    """The clause of each token: a number that grows at each mark other than a quotation mark."""
    mark = (pl.col("kind") == "punctuation") & ~pl.col("surface").is_in(["“", "”", "«", "»", '"'])
    breaks = corpus.vocabulary.select(mark).to_series()
    return np.cumsum(breaks.gather(corpus.tokens["type"]).to_numpy())


def _agency(places: dict[str, pl.DataFrame], clause: np.ndarray) -> tuple[pl.DataFrame, set[int]]:
    """Verbs with their actor, and the positions of the words that are such verbs.

    The actor follows the verb, directly or after linking words (تميزت جهود حموشي), or precedes it,
    directly or with a relative pronoun between (شبكات التي تستغل), always in one clause. After "by"
    (من قبل) stands the actor of a passive.
    """
    actor_at = {row["start"]: row for row in places["actor"].iter_rows(named=True)}
    actor_to = {row["end"]: row for row in places["actor"].iter_rows(named=True)}
    connecting = places["lexicon"].filter(pl.col("category") == "connecting")
    link = dict(connecting.select("start", "end").iter_rows())
    link_to = dict(connecting.select("end", "start").iter_rows())
    by = places["lexicon"].filter(pl.col("category") == "by")
    by = by.with_columns(kind=pl.lit("action"), tense=pl.lit(None, dtype=pl.String))
    rows, used = [], set()
    columns = ["document", "paragraph", "sentence", "first", "last", "start", "end", "gloss"]
    doers = pl.concat([t.select(*columns, "kind", "tense") for t in (places["verb"], by)])
    for verb in doers.unique(["start", "end"], keep="first", maintain_order=True).iter_rows(
        named=True
    ):
        after = verb["end"] + 1
        while after in link and after not in actor_at:
            after = link[after] + 1
        before = verb["start"] - 1
        candidates = [actor_at.get(after), actor_to.get(before)]
        if before in link_to and before not in actor_to:
            # After a relative the doer stands before it, and what follows the verb is its object.
            candidates = [actor_to.get(link_to[before] - 1)]
        for actor in candidates:
            if actor is None:
                continue
            first, last = min(verb["first"], actor["first"]), max(verb["last"], actor["last"])
            if clause[first] == clause[last] and verb["document"] == actor["document"]:
                gloss = f"{verb['gloss']} · {actor['gloss']}"
                kind = {"kind": verb["kind"], "tense": verb["tense"]}
                span = {"first": first, "last": last, "gloss": gloss, "category": actor["class"]}
                rows.append({**verb, **span, **kind, "vague": after - verb["end"] > 1})
                used.add(verb["start"])
                break
    schema = {c: doers.schema[c] for c in doers.columns}
    table = pl.DataFrame(rows, schema=schema | {"category": pl.String, "vague": pl.Boolean})
    return table.with_columns(indicator=pl.lit("agency")), used


def _lexical(found: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Matches of the lexicon whose next word is as required; ``exact_word`` becomes ``exact``."""
    following = words["word"].gather((found["end"] + 1).clip(0, max(len(words) - 1, 0)))
    kept = [
        pattern is None or pl.Series([word]).str.contains(pattern)[0]
        for pattern, word in zip(found["next"], following, strict=True)
    ]
    category = pl.col("category").replace({"exact_word": "exact"})
    return found.filter(pl.Series(kept, dtype=pl.Boolean)).with_columns(category)


def _credited(lexical: pl.DataFrame, actor: pl.DataFrame) -> pl.DataFrame:
    """What is ascribed to a leader: the efforts, directives or vision of one of the actors."""
    leader = actor.filter(pl.col("class") == "leader").select(
        "sentence_id", by="gloss", to="last", after=pl.col("start") - 1
    )
    heads = lexical.filter(pl.col("indicator") == "credit_head")
    return heads.join(
        leader, left_on=["sentence_id", "end"], right_on=["sentence_id", "after"]
    ).with_columns(
        indicator=pl.lit("credit"),
        last=pl.col("to"),
        gloss=pl.format("{} · {}", pl.col("gloss"), pl.col("by")),
    )


def _speech(verb: pl.DataFrame, agency: pl.DataFrame, used: set[int]) -> pl.DataFrame:
    """Who is given speech: a listed actor, a vague group, or somebody who is not listed."""
    said = agency.filter(pl.col("kind").str.starts_with("speech")).with_columns(
        indicator=pl.lit("sourcing"),
        category=pl.when("vague").then(pl.lit("unnamed")).otherwise(pl.lit("named")),
    )
    # Many, several: an actor in the list, but nobody in particular.
    nobody = pl.col("gloss").str.contains("several|many")
    said = said.with_columns(category=pl.when(nobody).then(pl.lit("unnamed")).otherwise("category"))
    rest = verb.filter(
        (pl.col("kind") == "speech") & ~pl.col("start").is_in(sorted(used))
    ).with_columns(indicator=pl.lit("sourcing"), category=pl.lit("speaker_not_listed"))
    return pl.concat([said.select(list(_COLUMNS)), rest.select(list(_COLUMNS))])


def _tense(agency: pl.DataFrame) -> pl.DataFrame:
    return agency.filter(pl.col("tense").is_not_null()).with_columns(
        indicator=pl.lit("time"), category=pl.col("tense")
    )


def _quotations(corpus: Corpus) -> pl.DataFrame:
    """Spans between quotation marks within a paragraph, by the number of their words."""
    marks = [*_QUOTES, *_QUOTES.values()]
    types = corpus.vocabulary.filter(pl.col("surface").is_in(marks)).select("type", "surface")
    found = corpus.tokens.with_row_index("at").join(types, on="type", maintain_order="left")
    word = (corpus.vocabulary["kind"] == "word").gather(corpus.tokens["type"]).cum_sum()
    rows: list[dict[str, object]] = []
    opened: dict[str, object] | None = None
    for mark in found.iter_rows(named=True):
        where = (mark["document"], mark["paragraph"])
        if (
            opened
            and opened["where"] == where
            and mark["surface"] == _QUOTES[str(opened["surface"])]
        ):
            first, last = int(str(opened["at"])), int(mark["at"])
            size = word[last] - word[first]
            category = "quotation" if size >= _QUOTE_WORDS else "name_or_distance"
            gloss = f"{size} word{'s' * (size != 1)} between quotation marks"
            rows.append(
                {"category": category, **mark, "first": first, "last": last, "gloss": gloss}
            )
            opened = None
        elif mark["surface"] in _QUOTES:
            opened = {**mark, "where": where}
    schema = {name: kind for name, kind in _COLUMNS.items() if name != "indicator"}
    return pl.DataFrame(rows, schema=schema).with_columns(indicator=pl.lit("quotation"))


def _numbers(corpus: Corpus, words: pl.DataFrame, lexical: pl.DataFrame) -> pl.DataFrame:
    """Exact numbers: digits that are not a year, rank, hour or day of a month."""
    numbers = corpus.vocabulary.filter(pl.col("kind") == "number").select("type", "surface")
    found = corpus.tokens.with_row_index("first").join(numbers, on="type", maintain_order="left")
    found = found.with_columns(
        first=pl.col("first").cast(pl.Int64),
        following=words["position"].search_sorted(found["first"]).cast(pl.Int64),
    )
    at = {c: set(lexical.filter(pl.col("category") == c)["start"]) for c in ("month", "rank")}
    kept = [
        not (_is_year(surface) or following in at["month"] or following - 1 in at["rank"])
        for surface, following in found.select("surface", "following").iter_rows()
    ]
    return found.filter(pl.Series(kept, dtype=pl.Boolean)).with_columns(
        indicator=pl.lit("quantification"),
        category=pl.lit("exact"),
        last=pl.col("first"),
        gloss=pl.lit("an exact number"),
    )


def _is_year(surface: str) -> bool:
    return surface.isdecimal() and len(surface) == 4 and 1800 <= int(surface) <= 2100


def _square(lexical: pl.DataFrame, actor: pl.DataFrame) -> pl.DataFrame:
    """Praise and blame by the side of the last actor that the sentence has named before them.

    The rule is the same for praise and blame and for both sides; a word without an actor before it
    is left out."""
    value = lexical.filter(pl.col("indicator") == "evaluation")
    near = (
        value.join(actor.select("sentence_id", "class", at="start"), on="sentence_id")
        .filter(pl.col("at") <= pl.col("end"))
        .sort("first", "last", "at", descending=[False, False, True])
        .unique(["first", "last", "phrase_number"], keep="first", maintain_order=True)
    )
    ours, theirs = pl.col("class").is_in(_OURS), pl.col("class") == "offender"
    side = pl.when(ours).then(pl.lit("our")).when(theirs).then(pl.lit("their"))
    good = pl.col("category").replace({"praise": "good", "blame": "bad"})
    return near.with_columns(
        indicator=pl.lit("ideological_square"), category=pl.concat_str(side, good, separator="_")
    ).filter(pl.col("category").is_not_null())


def _without_counted(corpus: Corpus, lexical: pl.DataFrame) -> pl.DataFrame:
    """Drop vague amounts after a number, as in 5 آلاف "5 thousand"."""
    kinds = corpus.vocabulary["kind"].gather(corpus.tokens["type"])
    before = kinds.gather((lexical["first"] - 2).clip(0)) == "number"
    return lexical.filter(~((pl.col("category") == "vague") & before))


def _unsourced(corpus: Corpus, found: pl.DataFrame) -> pl.DataFrame:
    """Sentences without any source, named or not; headings do not count as statements."""
    kinds = corpus.vocabulary["kind"].gather(corpus.tokens["type"])
    said = found.filter(pl.col("indicator") == "sourcing").select("document", "sentence").unique()
    headings = corpus.paragraphs().filter("heading").select("document", "paragraph")
    sentences = (
        corpus.tokens.with_row_index("at")
        .filter(kinds.is_in(["word", "number", "latin"]))
        .group_by("document", "sentence", maintain_order=True)
        .agg(pl.col("paragraph").first(), first=pl.col("at").first(), last=pl.col("at").last())
        .join(headings, on=["document", "paragraph"], how="anti")
        .join(said, on=["document", "sentence"], how="anti")
        .with_columns(
            indicator=pl.lit("sourcing"),
            category=pl.lit("no_source"),
            gloss=pl.lit("a sentence that names no speaker"),
        )
    )
    return sentences.select(_columns())


def report_indicators(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """Each document with its indicators, for programs.

    Yields:
        ``document`` (name), ``words``, and ``indicators``: for each indicator ``count``, ``rate``
        (per 1,000 words), ``categories`` (count of each) and ``lines`` (``category``,
        ``paragraph``, ``sentence``, ``before``, ``node``, ``after``, ``gloss``). Sentences without
        a source are a category of ``sourcing``, but not in its count.
    """
    sizes = corpus.paragraphs().group_by("document").agg(pl.col("words").sum())
    words = dict(sizes.iter_rows())
    lines: defaultdict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for line in find_indicators(corpus).iter_rows(named=True):
        lines[line.pop("document"), line.pop("indicator")].append(line)
    for number, name in enumerate(corpus.documents["document"]):
        size = words.get(number, 0)
        report: dict[str, Any] = {}
        for indicator in INDICATORS:
            these = lines.get((number, indicator), [])
            names = {category: 0 for i, category in indicator_categories() if i == indicator}
            for line in these:
                names[line["category"]] += 1
            count = len(these) - names.get("no_source", 0)
            rate = round(count / size * 1000, 4) if size else 0.0
            report[indicator] = {"count": count, "rate": rate, "categories": names, "lines": these}
        yield {"document": name, "words": size, "indicators": report}
