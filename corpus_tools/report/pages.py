"""A text on one page: every paragraph with its frames and the words that they rest on."""

from __future__ import annotations

import re
from html import escape

import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.framing.codebook import Codebook
from corpus_tools.report.tables import collect_table, display_both, gloss_words

_PARAGRAPH = (
    '<div style="border-top:1px solid #ddd;padding:0.5em 0;max-width:46em">'
    '<p dir="rtl" lang="ar" style="font-size:1.1em;margin:0 0 0.3em;{}">{}</p>'
    '<p dir="ltr" style="margin:0;color:#555"><small>{}</small></p>{}</div>'
)
_FRAME = (
    '<p dir="ltr" style="margin:0.2em 0 0"><b>{}</b> <span dir="rtl" lang="ar">{}</span>: {}</p>'
)
_MARK = '<mark style="background:#ffe8a3;padding:0 0.1em">{}</mark>'


def show_annotated(
    corpus: Corpus, coded: pl.DataFrame, book: Codebook, title: str, *, document: int = 0
) -> None:
    """Show a text in a notebook, with the words marked that its frames rest on.

    Below each paragraph are its words one by one in English, in the order of reading, and then its
    frames, each with the words that weighed most for it. The plain text beside the page, which
    nbval compares, has the same content without the marks.

    Args:
        corpus: A corpus.
        coded: From `corpus_tools.framing.coder.code`.
        book: The codebook, for the frames' Arabic names.
        title: What is shown.
        document: The number of the text.
    """
    names = dict(book.frames.select("frame", "arabic").iter_rows())
    found = coded.filter(document=document)
    plain, html = [title], [f"<p><b>{escape(title)}</b></p>"]
    for row in corpus.paragraphs().filter(document=document).iter_rows(named=True):
        here = found.filter(paragraph=row["paragraph"])
        reading = gloss_words(row["text"])
        plain += [f"{row['paragraph']} | {row['text']}", f"    {reading}"]
        frames = []
        for frame, words, glosses in here.select("frame", "words", "glosses").iter_rows():
            pairs = [(w, g or gloss_words(w)) for w, g in zip(words, glosses, strict=True)]
            listed = ", ".join(f"{word} ({gloss})" for word, gloss in pairs)
            plain.append(f"    {frame}: {listed}")
            shown = ", ".join(
                f'<span dir="rtl" lang="ar">{escape(word)}</span> ({escape(gloss)})'
                for word, gloss in pairs
            )
            frames.append(_FRAME.format(frame.replace("_", " "), names.get(frame, ""), shown))
        if not frames:
            plain.append("    no frame")
            frames.append('<p dir="ltr" style="margin:0.2em 0 0;color:#555">no frame</p>')
        words = {word for listed in here["words"] for word in listed}
        style = "font-weight:bold" if row["heading"] else ""
        text = mark_words(row["text"], words)
        html.append(_PARAGRAPH.format(style, text, escape(reading), "".join(frames)))
    display_both("".join(html), "\n".join(plain))
    collect_table(found, title)


def mark_words(text: str, words: set[str]) -> str:
    """A text as HTML, with some of its words and phrases marked where they stand alone.

    >>> mark_words("الأمن والأمن", {"الأمن"})
    '<mark style="background:#ffe8a3;padding:0 0.1em">الأمن</mark> والأمن'
    """
    if not words:
        return escape(text)
    longest = sorted(words, key=lambda word: (-len(word), word))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
    parts, last = [], 0
    for hit in pattern.finditer(text):
        parts += [escape(text[last : hit.start()]), _MARK.format(escape(hit[0]))]
        last = hit.end()
    return "".join([*parts, escape(text[last:])])
