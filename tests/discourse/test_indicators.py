import polars as pl
import pytest

from corpus_tools.discourse.indicators import find_indicators, measure_indicators, report_indicators
from corpus_tools.discourse.lexicon import (
    INDICATORS,
    actor_phrases,
    indicator_categories,
    indicator_phrases,
    verb_table,
)


@pytest.fixture(scope="module")
def found(seed):
    return find_indicators(seed)


def count(hits, indicator, *categories):
    rows = hits.filter(pl.col("indicator") == indicator)
    return rows.filter(pl.col("category").is_in(categories)).height if categories else rows.height


def test_the_seed_article_names_no_source_quotes_nobody_and_counts_nothing(found):
    assert count(found, "sourcing", "named") == 0
    assert count(found, "quotation", "quotation") == 0
    assert count(found, "quantification", "exact") == 0  # its four numbers are the year 2024


def test_the_seed_articles_quotation_marks_hold_names(found):
    names = found.filter(pl.col("category") == "name_or_distance")["node"].to_list()
    assert names == ["“داعش”", "“الإنتربول”"]


def test_the_seed_articles_vague_amounts_are_found(found):
    vague = found.filter(pl.col("category") == "vague")["node"].to_list()
    assert {"سلسلة من", "عدة", "كميات قياسية", "العديد", "آلاف"} <= set(vague)


def test_the_seed_article_credits_its_leader_in_these_words(found):
    credit = found.filter(pl.col("indicator") == "credit").select("paragraph", "node").rows()
    assert (7, "بفضل") in credit and (14, "في عهد") in credit
    assert sum(node == "جهود عبد اللطيف حموشي" for _, node in credit) == 2


def test_in_the_seed_article_no_citizen_acts_and_our_side_does_no_wrong(found):
    assert count(found, "agency", "institution") >= 5 and count(found, "agency", "leader") >= 3
    assert count(found, "agency", "citizen") == 0
    assert count(found, "ideological_square", "our_bad") == 0
    assert count(found, "evaluation", "praise") > 2 * count(found, "evaluation", "blame")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("أوقفت الشرطة لصا.", ["institution"]),
        ("الشرطة أوقفت لصا.", ["institution"]),
        ("قال وزير الداخلية ذلك.", ["leader"]),
        ("تميزت جهود الوزير بالنجاح.", ["leader"]),  # the actor is the second word of a construct
        ("شبكات إجرامية تنشط هنا.", ["offender"]),
        ("العصابة التي تستغل المهاجرين.", ["offender"]),  # after a relative the object is no doer
        ("تم تكريمه من قبل الأمم المتحدة.", ["foreign_partner"]),
        ("أوقفت، أمس، الشرطة.", []),  # another clause
        ("في السجل اسم الشرطة.", []),  # السجل is the register
        ("لص أوقفته الشرطة", []),  # a form that the list does not hold is not found
    ],
)
def test_who_acts(article, text, who):
    hits = find_indicators(article(text))
    assert hits.filter(pl.col("indicator") == "agency")["category"].to_list() == who


@pytest.mark.parametrize(
    ("text", "agentless"),
    [
        ("تم توقيف اللص.", 1),
        ("تم توقيفه من طرف الشرطة.", 0),
        ("ويُتوقع أن يعود.", 1),
        ("شهدت السنة ضبط المخدرات.", 1),
        ("شهدت 2024 ضبط المخدرات.", 0),
    ],
)
def test_actions_without_an_agent(article, text, agentless):
    assert count(find_indicators(article(text)), "agentless") == agentless


@pytest.mark.parametrize(
    ("text", "exact", "vague"),
    [
        ("ضبط 12 كيلوغراما.", 1, 0),
        ("ضبط ١٢٬٥٠٠ قرص.", 1, 0),
        ("في عام 2024.", 0, 0),
        ("في 2024.", 0, 0),
        ("يوم 5 ماي.", 0, 0),
        ("يوم 5 يوليوز 2024.", 0, 0),
        ("احتل المرتبة 3 عالميا.", 0, 0),
        ("آلاف المحاولات.", 0, 1),
        ("5 آلاف محاولة.", 1, 0),
        ("ثلاثة مشتبهين.", 1, 0),
        ("العديد من القضايا.", 0, 1),
    ],
)
def test_numbers(article, text, exact, vague):
    hits = find_indicators(article(text))
    assert count(hits, "quantification", "exact") == exact
    assert count(hits, "quantification", "vague") == vague


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("قال: «سنواصل حماية كل مواطن».", "quotation"),
        ('قال: "سنواصل حماية كل مواطن".', "quotation"),
        ("تنظيم “داعش”.", "name_or_distance"),
        ("تنظيم «داعش", None),  # never closed
    ],
)
def test_quotation_marks(article, text, category):
    hits = find_indicators(article(text)).filter(pl.col("indicator") == "quotation")
    assert hits["category"].to_list() == ([category] if category else [])


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("قال الوزير ذلك.", "named"),
        ("وأشادت العديد من الدول بذلك.", "unnamed"),
        ("أفاد مصدر بذلك.", "unnamed"),
        ("قالت سعاد ذلك.", "speaker_not_listed"),
        ("وصل القطار.", "no_source"),
    ],
)
def test_who_speaks(article, text, category):
    hits = find_indicators(article(text)).filter(pl.col("indicator") == "sourcing")
    assert category in hits["category"].to_list()


@pytest.mark.parametrize(
    ("text", "modal"),
    [("قد يعود.", 1), ("وقد تميزت السنة.", 0), ("يجب ذلك.", 1), ("لا بد من ذلك.", 1)],
)
def test_modality_knows_qad_before_a_perfect(article, text, modal):
    assert count(find_indicators(article(text)), "modality") == modal


def test_praise_and_blame_stand_on_a_side(article):
    hits = find_indicators(article("حققت الشرطة نجاحا وفككت شبكات إجرامية."))
    square = hits.filter(pl.col("indicator") == "ideological_square")
    assert square.select("category", "node").rows() == [
        ("our_good", "نجاحا"),
        ("their_bad", "إجرامية"),
    ]


def test_blame_for_our_side_would_be_found(article):
    hits = find_indicators(article("ارتكبت الشرطة تجاوزات وانتهاكات."))
    assert count(hits, "ideological_square", "our_bad") == 2


def test_every_category_has_a_rate_also_those_never_found(article):
    texts = article("وصل القطار.")
    rates = measure_indicators(texts)
    assert rates.select("indicator", "category").rows() == indicator_categories()
    never = rates.filter(pl.col("count") == 0)
    assert (never["low"] == 0).all() and (never["high"] > 0).all()


def test_the_indicators_are_those_of_the_codebook():
    assert {indicator for indicator, _ in indicator_categories()} == set(INDICATORS)


def test_a_report_by_document_adds_up(article):
    texts = article("أوقفت الشرطة لصا.", "ضبط 12 كيلوغراما و 3 سيارات.", "نص.")
    reports = list(report_indicators(texts))
    assert [report["document"] for report in reports] == ["000", "001", "002"]
    numbers = reports[1]["indicators"]["quantification"]
    assert numbers["count"] == len(numbers["lines"]) == numbers["categories"]["exact"] == 2
    assert numbers["rate"] == pytest.approx(1000 * 2 / reports[1]["words"], abs=1e-3)


def test_no_lexicon_entry_lacks_gloss_or_source():
    for table in (actor_phrases(), verb_table(), indicator_phrases().drop("next")):
        assert sum(table.null_count().row(0)) == 0
