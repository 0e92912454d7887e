"""The headline numbers of the notebooks: each defined once, shown there and in the digest.

Each function takes what its notebook has computed and returns pairs of a text and a value.
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
    """What was read, and what it is compared with."""
    lines = texts.paragraphs(text=False)
    units = texts.tokens.group_by("document").agg(pl.col("sentence").max() + 1)["sentence"]
    return [
        ("texts under study", texts.documents.height),
        ("words in them", texts.manifest["words"]),
        ("paragraphs, headings included", lines.height),
        ("headings", int(lines["heading"].sum())),
        ("sentences and headings", int(units.sum())),
        ("security articles in the press, near-copies folded", press.about["security_articles"]),
        ("words in those", press.about["security_words"]),
        ("near-copies folded among security articles", press.about["security_near_copies"]),
    ]


def summarize_cleaning(texts: Corpus, press: Reference) -> Headlines:
    """What the forms of a word merge."""
    words = press.words
    printed = int(words.filter(pl.col("surface") == "الأمن")["count"].sum())
    lemma = int(words.filter(pl.col("lemma") == "امن")["count"].sum())
    times = lemma / printed if printed else None
    return [
        ("word types in the press as printed", words.height),
        ("normal forms of these", words["normal"].n_unique()),
        ("lemmas of these", words["lemma"].n_unique()),
        ("repairs made in the texts under study", int(texts.repairs["times"].sum())),
        ("count of the lemma of security as a multiple of its printed form", times),
    ]


def summarize_words(texts: Corpus, keywords: pl.DataFrame) -> Headlines:
    """What marks the texts among security articles; `keywords` from `ct.words.keyness`."""
    seen = keywords.filter(pl.col("reference_count") > 0)
    first = add_gloss(seen.head(1)).to_dicts()
    word = keywords.filter(pl.col("word") == "تعزيز").to_dicts() or [{}]
    name = texts.vocabulary.filter(pl.col("normal") == "حموشي")["count"].sum()
    return [
        ("keywords against security articles with q below 0.05", (keywords["q"] < 0.05).sum()),
        ("words of the texts that those articles never use", keywords.height - seen.height),
        ("the keyword with the highest G2", _glossed(first[0]) if first else None),
        ("occurrences of تعزيز (strengthening)", word[0].get("count")),
        ("LogRatio of تعزيز (strengthening) against security articles", word[0].get("log_ratio")),
        ("its interval from", word[0].get("low")),
        ("its interval to", word[0].get("high")),
        ("lines that name حموشي (Hammouchi)", int(name)),
    ]


def _glossed(row: dict[str, object]) -> str:
    return f"{row['word']} ({row['gloss']})" if row["gloss"] else str(row["word"])


def count_shared_neighbours(models: list[KeyedVectors], word: str, number: int = 6) -> float:
    """How many of the nearest words of a word two models share, on average."""
    near = [set(dict(model.most_similar(word, topn=number))) for model in models]
    return float(np.mean([len(a & b) for a, b in combinations(near, 2)]))


def summarize_embeddings(
    small: list[KeyedVectors],
    vectors: KeyedVectors,
    ensemble: list[KeyedVectors],
    apart: pl.DataFrame,
    placed: pl.DataFrame,
) -> Headlines:
    """What can be read from the press, and how certain it is.

    Args:
        small: Models of one article, from several seeds.
        vectors: A model of the press.
        ensemble: Its replicates.
        apart: Distances of outlets' uses of الأمن, from `ct.embeddings.group_distances`.
        placed: The text on axes, from `ct.embeddings.place_text`.
    """
    word = "الامن" if "الامن" in small[0] else small[0].index_to_key[0]
    near = {w: nearest_neighbours(vectors, w, ensemble=ensemble) for w in ("الامن", "المواطن")}
    first = add_gloss(near["الامن"].head(1)).to_dicts()[0]
    pair = word_similarities(vectors, [("الامن", "حقوق")], ensemble).row(0, named=True)
    scores = evaluate_vectors(vectors).filter(pl.col("category") == "all")["score"]
    lies = {row["axis"]: row for row in placed.iter_rows(named=True)}
    return [
        ("of six neighbours in one article, shared by two seeds",
         count_shared_neighbours(small, word)),
        ("words with a vector in the press", len(vectors)),
        ("nearest word of الأمن (security) in the press", _glossed(first)),
        ("mean share of its neighbours that a replicate keeps", near["الامن"]["kept"].mean()),
        ("the same for المواطن (the citizen)", near["المواطن"]["kept"].mean()),
        ("cosine of الأمن (security) and حقوق (rights)", pair["cosine"]),
        ("lower end of the interval of that cosine", pair["low"]),
        ("upper end of the interval of that cosine", pair["high"]),
        ("score of the model on related words (chance is 0.5)", scores[0]),
        ("share of analogies that it solves", scores[1]),
        ("outlets whose use of الأمن (security) differs, q below 0.05", (apart["q"] < 0.05).sum()),
        ("share of similar articles nearer to failure", lies["failure_competence"]["below"]),
        ("share of similar articles nearer to order", lies["order_rights"]["below"]),
    ]  # fmt: skip


def summarize_framing(
    texts: Corpus,
    agreed: pl.DataFrame,
    scores: pl.DataFrame,
    profile: pl.DataFrame,
    coded: pl.DataFrame,
) -> Headlines:
    """How well coders do, which frames were found, and which never.

    Args:
        texts: The texts under study.
        agreed: Agreement of the passes of the gold coding, from `ct.framing.krippendorff_alpha`.
        scores: ``coder``, ``f1``, ``low``, ``high`` (see `ct.framing.macro_f1`), the coder that is
            used last.
        profile: Of the texts under study, from `ct.framing.frame_profile`.
        coded: From `ct.framing.code`.
    """
    row = {r["frame"]: r for r in profile.iter_rows(named=True)}
    best = scores.row(-1, named=True)
    absent = sorted(profile.filter(pl.col("paragraphs") == 0)["frame"])
    body = texts.paragraphs(text=False).filter(~pl.col("heading")).select("document", "paragraph")
    in_body = coded.join(body, on=["document", "paragraph"], how="semi")
    found = dict(in_body.group_by("frame").len().iter_rows())

    def without_headings(frame: str) -> float | None:
        return found.get(frame, 0) / body.height if body.height else None

    return [
        ("paragraphs of the teaching corpus", agreed["paragraphs"][0]),
        ("lowest alpha of a frame between its two passes", agreed["alpha"].min()),
        ("mean F1 of the coder on invented outlets that it has not seen", best["f1"]),
        ("lower end of its interval", best["low"]),
        ("upper end of its interval", best["high"]),
        ("paragraphs coded, headings included", profile["of"][0]),
        ("paragraphs that are not headings", body.height),
        ("paragraphs with at least one frame", coded.n_unique(["document", "paragraph"])),
        (f"frames found, of {profile.height}", profile.height - len(absent)),
        ("share with achievement (الإنجاز)", row["achievement"]["share"]),
        ("share with achievement, headings left out", without_headings("achievement")),
        ("share with achievement, corrected for the coder's errors",
         row["achievement"]["corrected"]),
        ("share with leadership (القيادة)", row["leadership"]["share"]),
        ("share with leadership, headings left out", without_headings("leadership")),
        ("share with leadership, corrected for the coder's errors",
         row["leadership"]["corrected"]),
        ("share with accountability (المساءلة والحقوق)", row["accountability"]["share"]),
        ("largest share of accountability that the length allows",
         row["accountability"]["corrected_high"]),
        ("frames never found", ", ".join(absent)),
    ]  # fmt: skip


def share_without_speech(
    press: Reference, min_words: int = 300, max_words: int = 700
) -> tuple[int, float]:
    """The number of security articles of a length, and the share of them without a verb of saying.

    Args:
        press: From `corpus_tools.reference.reference.open_reference`.
        min_words, max_words: Words of an article.
    """
    said = pl.col("count").filter(pl.col("word").is_in(speech_forms())).sum()
    counts = filter_by_length(press.word_counts(), min_words, max_words)
    similar = counts.group_by("document").agg(said=said)
    return similar.height, float((similar["said"] == 0).sum() / max(similar.height, 1))


def summarize_discourse(found: pl.DataFrame, silent: float) -> Headlines:
    """Who acts, speaks and is praised; `found` from `find_indicators`, `silent` a share."""
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
