"""The headline numbers of the notebooks: each defined once, shown there and in the digest.

Each function takes what its notebook has worked out and returns pairs of a text and a value.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from gensim.models import KeyedVectors

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.discourse.lexicon import speech_forms
from corpus_tools.embeddings.evaluation import evaluate_vectors
from corpus_tools.embeddings.neighbours import nearest_neighbours, word_similarities
from corpus_tools.reference.reference import Reference, filter_by_length
from corpus_tools.report.tables import add_gloss

Headlines = list[tuple[str, object]]


def summarize_corpus(texts: Corpus, press: Reference) -> Headlines:
    """What was read and what it is held against."""
    lines = texts.paragraphs()
    units = texts.tokens.group_by("document").agg(pl.col("sentence").max() + 1)["sentence"]
    return [
        ("texts under study", texts.documents.height),
        ("words in them", texts.manifest["words"]),
        ("paragraphs, headings counted", lines.height),
        ("headings", int(lines["heading"].sum())),
        ("sentences and headings", int(units.sum())),
        ("security articles in the press", press.about["security_articles"]),
        ("words in those", press.about["security_words"]),
    ]


def summarize_cleaning(texts: Corpus, press: Reference) -> Headlines:
    """What the forms of a word merge."""
    words = press.words
    printed = int(words.filter(pl.col("surface") == "الأمن")["count"].sum())
    lemma = int(words.filter(pl.col("lemma") == "امن")["count"].sum())
    times = lemma / printed if printed else None
    return [
        ("word types in the press as printed", words.height),
        ("of them left in normal form", words["normal"].n_unique()),
        ("lemmas", words["lemma"].n_unique()),
        ("repairs needed in the texts under study", int(texts.repairs["times"].sum())),
        ("times more often the lemma of security is counted than its printed form", times),
    ]


def summarize_words(texts: Corpus, keywords: pl.DataFrame) -> Headlines:
    """What marks the texts against security articles; `keywords` from `counts.keyness`."""
    first = add_gloss(keywords.head(1)).to_dicts()
    word = keywords.filter(pl.col("word") == "تعزيز").to_dicts() or [{}]
    name = texts.vocabulary.filter(pl.col("normal") == "حموشي")["count"].sum()
    return [
        ("keywords against security articles with q below 0.05", (keywords["q"] < 0.05).sum()),
        ("the first of them", _glossed(first[0]) if first else None),
        ("occurrences of تعزيز (strengthening)", word[0].get("count")),
        ("LogRatio of تعزيز (strengthening) against security articles", word[0].get("log_ratio")),
        ("its interval from", word[0].get("low")),
        ("its interval to", word[0].get("high")),
        ("lines that name حموشي (Hammouchi)", int(name)),
    ]


def _glossed(row: dict[str, object]) -> str:
    return f"{row['word']} ({row['gloss']})" if row["gloss"] else str(row["word"])


def count_shared_neighbours(models: list[KeyedVectors], word: str, number: int = 6) -> float:
    """How many of the nearest words of a word two models have in common, on average."""
    near = [set(dict(model.most_similar(word, topn=number))) for model in models]
    return float(np.mean([len(a & b) for a, b in combinations(near, 2)]))


def summarize_embeddings(
    small: list[KeyedVectors],
    word: str,
    vectors: KeyedVectors,
    ensemble: list[KeyedVectors],
    apart: pl.DataFrame,
    placed: pl.DataFrame,
) -> Headlines:
    """What may be read off the press, and how surely.

    Args:
        small: Models of one article, from several seeds.
        word: A word of it.
        vectors: A model of the press.
        ensemble: Its replicates.
        apart: How far outlets' uses of الأمن lie apart, from `corpus_tools.embeddings.alacarte.group_distances`.
        placed: The text on axes, from `corpus_tools.embeddings.axes.place_text`.
    """
    near = {w: nearest_neighbours(vectors, w, ensemble=ensemble) for w in ("الامن", "المواطن")}
    first = add_gloss(near["الامن"].head(1)).to_dicts()[0]
    pair = word_similarities(vectors, [("الامن", "حقوق")], ensemble).row(0, named=True)
    scores = evaluate_vectors(vectors).filter(pl.col("category") == "all")["score"]
    lies = {row["axis"]: row for row in placed.iter_rows(named=True)}
    return [
        (
            "of six neighbours in one article, shared by two seeds",
            count_shared_neighbours(small, word),
        ),
        ("words with a place in the press", len(vectors)),
        ("nearest word of الأمن (security) in the press", _glossed(first)),
        ("share of its ten neighbours that other samples keep", near["الامن"]["kept"].mean()),
        ("the same of المواطن (the citizen)", near["المواطن"]["kept"].mean()),
        ("cosine of الأمن (security) and حقوق (rights)", pair["cosine"]),
        ("interval of that cosine from", pair["low"]),
        ("interval of that cosine to", pair["high"]),
        ("score of the model on related words (chance is 0.5)", scores[0]),
        ("share of analogies that it solves", scores[1]),
        ("outlets whose use of الأمن (security) differs, q below 0.05", (apart["q"] < 0.05).sum()),
        ("share of similar articles nearer to failure", lies["failure_competence"]["below"]),
        ("share of similar articles nearer to order", lies["order_rights"]["below"]),
    ]


def summarize_framing(
    agreed: pl.DataFrame,
    scores: pl.DataFrame,
    profile: pl.DataFrame,
    press: pl.DataFrame,
    coded: pl.DataFrame,
) -> Headlines:
    """How well coders do, which frames were found, and which never.

    Args:
        agreed: Agreement of the passes of the gold coding, from `agreement.alpha`.
        scores: ``coder``, ``f1``, ``low``, ``high`` (see `agreement.macro_f1`), the coder that is
            used last.
        profile: Of the texts under study, from `profiles.profile`.
        press: The same of the press.
        coded: From `framing.code`.
    """
    row = {frame: r for r in profile.iter_rows(named=True) for frame in [r["frame"]]}
    other = dict(press.select("frame", "corrected").iter_rows())
    best = scores.row(-1, named=True)
    absent = sorted(profile.filter(pl.col("paragraphs") == 0)["frame"])
    return [
        ("paragraphs of the gold coding", agreed["paragraphs"][0]),
        ("lowest alpha of a frame between its passes", agreed["alpha"].min()),
        ("mean F1 of the coder on outlets it has not seen", best["f1"]),
        ("its interval from", best["low"]),
        ("its interval to", best["high"]),
        ("paragraphs coded", profile["of"][0]),
        ("paragraphs with at least one frame", coded.n_unique(["document", "paragraph"])),
        (f"frames found, of {profile.height}", profile.height - len(absent)),
        ("share with achievement (الإنجاز)", row["achievement"]["share"]),
        ("the same corrected for the coder's errors", row["achievement"]["corrected"]),
        ("the same in the press", other["achievement"]),
        ("share with leadership (القيادة)", row["leadership"]["share"]),
        ("that corrected for the coder's errors", row["leadership"]["corrected"]),
        ("that in the press", other["leadership"]),
        ("share with accountability (المساءلة والحقوق)", row["accountability"]["share"]),
        ("largest share of accountability that the length allows",
         row["accountability"]["corrected_high"]),
        ("frames never found", ", ".join(absent)),
    ]  # fmt: skip


def share_without_speech(
    press: Reference, min_words: int = 300, max_words: int = 700
) -> tuple[int, float]:
    """Of the security articles of a length, how many there are and which share never says "said".

    Args:
        press: From `corpus_tools.reference.reference.open_reference`.
        min_words: Fewest words of an article.
        max_words: Most words.
    """
    said = pl.col("count").filter(pl.col("word").is_in(speech_forms())).sum()
    counts = filter_by_length(press.word_counts(), min_words, max_words)
    similar = counts.group_by("document").agg(said=said)
    return similar.height, float((similar["said"] == 0).sum() / max(similar.height, 1))


def summarize_discourse(found: pl.DataFrame, silent: float) -> Headlines:
    """Who acts, speaks and is praised; `found` from `discourse.hits`, `silent` a share."""
    asked = {
        "places where the institution acts": ("agency", "institution"),
        "places where a leader acts": ("agency", "leader"),
        "places where a citizen acts": ("agency", "citizen"),
        "outcomes ascribed to a person": ("credit", "person"),
        "statements with a named source": ("sourcing", "named"),
        "statements with an unnamed source": ("sourcing", "unnamed"),
        "quotations": ("quotation", "quotation"),
        "exact numbers": ("quantification", "exact"),
        "vague amounts": ("quantification", "vague"),
        "words of praise": ("evaluation", "praise"),
        "words of blame": ("evaluation", "blame"),
        "blame for our side": ("ideological_square", "our_bad"),
    }
    totals = {(i, c): n for i, c, n in found.group_by("indicator", "category").len().iter_rows()}
    rows: Headlines = [(text, totals.get(pair, 0)) for text, pair in asked.items()]
    return [*rows, ("percent of similar press articles with no verb of saying", silent * 100)]
