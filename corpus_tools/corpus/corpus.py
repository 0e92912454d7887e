"""A corpus: documents, tokens in text order, and a vocabulary that holds each spelling once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import polars as pl

from corpus_tools.arabic.forms import Form, add_form, add_spelling
from corpus_tools.arabic.spelling import STEPS, Step
from corpus_tools.errors import BadInput

# Columns of the vocabulary that a user's own spelling cannot replace.
_RESERVED_NAMES = (
    "type", "surface", "kind", "count", "documents", "normal", "stem", "lemma", "stopword",
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """A corpus as tables that share the numbers of documents and types.

    `corpus_tools.corpus.build.read_corpus` and `corpus_tools.corpus.storage.open_corpus` make one.

    Attributes:
        documents: One row per document (see `corpus_tools.corpus.documents.prepare_documents`).
            The row number, from 0, is the document's number in the other tables.
        tokens: One row per token, in text order: ``document`` and ``type`` (numbers), ``sentence``
            and ``paragraph`` (from 0 in each document). A paragraph is a line that is not blank;
            headings are paragraphs.
        vocabulary: One row per type, most frequent first: ``type``, ``surface``, ``kind`` (a key of
            `corpus_tools.corpus.tokens.TOKEN_KINDS`), ``count``, ``documents``, and one column for
            each form, such as ``normal`` or ``lemma``.
        duplicates: Exact copies that were folded into the first document with their text.
        quarantine: Rows that are not articles, with their source and the reason.
        repairs: How often each repair was made.
        inputs: The source files with the hash of the bytes that were read.
        manifest: Settings, versions and counts.
    """

    documents: pl.DataFrame
    tokens: pl.DataFrame
    vocabulary: pl.DataFrame
    duplicates: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: pl.DataFrame
    inputs: pl.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)

    def text(self, document: int) -> str:
        """The cleaned text of a document, joined from its tokens.

        Args:
            document: The number of the document, its row in `documents`.
        """
        types = self.tokens.filter(pl.col("document") == document)["type"]
        return "".join(self.vocabulary["surface"].gather(types))

    def words(self, form: str = "normal") -> pl.DataFrame:
        """The words of the corpus in text order, each in one form.

        Args:
            form: A form column of the vocabulary, such as ``surface``, ``normal`` or ``lemma``.

        Returns:
            ``document``, ``sentence``, ``paragraph``, ``position`` (row in `tokens`) and ``word``.

        Raises:
            BadInput: The corpus does not have this form.
        """
        self.require_form(form)
        forms = self.vocabulary.filter(pl.col("kind") == "word").select("type", word=form)
        return (
            self.tokens.with_row_index("position")
            .join(forms, on="type", how="inner", maintain_order="left")
            .select("document", "sentence", "paragraph", "position", "word")
        )

    def paragraphs(self, *, text: bool = True) -> pl.DataFrame:
        """The paragraphs of the corpus: its lines that are not blank, headings included.

        Args:
            text: Whether to join the text of each paragraph. Without it the table takes a fraction
                of the time.

        Returns:
            ``document`` (number), ``paragraph`` (from 0), ``text``, ``words``, ``heading`` (whether
            the line ends neither in a full stop or its like nor in a colon).
        """
        lines = self._lines
        if not text:
            return lines
        surface = self.vocabulary["surface"].gather(self.tokens["type"])
        joined = (
            self.tokens.select("document", "paragraph", text=surface)
            .group_by("document", "paragraph", maintain_order=True)
            .agg(pl.col("text").str.join("").str.strip_chars())["text"]
        )
        return lines.clone().insert_column(2, joined)

    @cached_property
    def _lines(self) -> pl.DataFrame:
        surface = self.vocabulary["surface"]
        # What a type says about the line that it ends: nothing (0), a heading (1), a sentence (2).
        says = np.where(surface.str.contains(r"^[)\]»”\"\s]*$").to_numpy(), 0, 1)
        says[surface.str.contains(r"[.!?؟…:۔][)\]»”\"]*$").to_numpy()] = 2
        types, starts = self.tokens["type"].to_numpy(), self.paragraph_starts()
        if not len(types):
            return self.tokens.select(
                "document", "paragraph", words=pl.lit(0), heading=pl.lit(True)
            )
        at = np.where(says[types] > 0, np.arange(len(types)), -1)
        last = np.maximum.reduceat(at, starts)
        word = (self.vocabulary["kind"] == "word").to_numpy()
        return self.tokens[starts].select(
            "document",
            "paragraph",
            words=pl.Series(np.add.reduceat(word[types].astype(np.uint32), starts)),
            heading=pl.Series((last < 0) | (says[types[last]] != 2)),
        )

    def paragraph_starts(self) -> np.ndarray:
        """The rows of `tokens` where paragraphs begin."""
        columns = (self.tokens[name].to_numpy() for name in ("document", "paragraph"))
        new = np.ones(self.tokens.height, bool)
        new[1:] = np.logical_or(*(column[1:] != column[:-1] for column in columns))
        return np.flatnonzero(new)

    def batches(self, size: int = 5_000_000) -> Iterator[Corpus]:
        """The corpus in parts of whole documents, so that each part fits in memory.

        Every part has the whole vocabulary and the whole table of documents, so numbers stay.

        Args:
            size: Tokens of a part, approximately.
        """
        if self.tokens.height <= size:
            yield self
            return
        document = self.tokens["document"].to_numpy()
        starts = np.flatnonzero(np.diff(document, prepend=-1))
        # The first document that begins at or after each multiple of the size.
        cuts = np.unique(np.searchsorted(starts, np.arange(0, len(document), size)))
        ends = [*starts[cuts[cuts < len(starts)]].tolist(), len(document)]
        for start, end in pairwise(ends):
            yield replace(self, tokens=self.tokens[start:end])

    def select(self, chosen: np.ndarray) -> Corpus:
        """The corpus of some of its documents, numbered from 0.

        The vocabulary stays as it is, with the counts of the whole corpus.

        Args:
            chosen: Whether each document is kept, an array (documents) of bool.
        """
        document = self.tokens["document"].to_numpy()
        number = (np.cumsum(chosen) - 1).astype(np.uint32)
        tokens = self.tokens.with_columns(document=number[document]).filter(chosen[document])
        return replace(self, documents=self.documents.filter(chosen), tokens=tokens)

    def require_form(self, form: str) -> None:
        """Raise `BadInput` unless the vocabulary has a column of this form."""
        others = ("type", "kind", "count", "documents", "stopword")
        forms = [column for column in self.vocabulary.columns if column not in others]
        if form not in forms:
            raise BadInput(f"the corpus has no form «{form}»: take one of {', '.join(forms)}.")

    def with_form(
        self,
        form: str,
        *,
        steps: Sequence[Step] | None = None,
        min_count: int = 1,
        workers: int | None = None,
        progress: bool = False,
    ) -> Corpus:
        """The corpus with one more form of every type; its tokens stay as they are.

        Args:
            form: ``stem``, ``lemma`` or ``stopword``; with `steps`, a name of your own.
            steps: The steps of `corpus_tools.arabic.spelling.normalize` that make a spelling of
                your own.
            min_count, workers, progress: As in `corpus_tools.arabic.forms.add_form`.

        Raises:
            BadInput: The form or a step is unknown.

        >>> import tempfile, pathlib
        >>> import corpus_tools as ct
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = pathlib.Path(folder, "a.txt").write_text("مدينة فاس القديمة.", "utf-8")
        ...     corpus = ct.read_corpus(folder)
        >>> corpus.with_form("folded", steps=["marbuta"]).words("folded")["word"].to_list()
        ['مدينه', 'فاس', 'القديمه']
        """
        if steps is not None:
            unknown = [step for step in steps if step not in STEPS]
            if unknown:
                raise BadInput(f"there is no step «{unknown[0]}»: take some of {', '.join(STEPS)}.")
            if form in _RESERVED_NAMES:
                raise BadInput(f"the name «{form}» is taken: give your spelling another one.")
            return replace(self, vocabulary=add_spelling(self.vocabulary, form, steps=steps))
        if form not in get_args(Form):
            raise BadInput(
                f"there is no form «{form}»: take stem, lemma or stopword, or name steps."
            )
        vocabulary = add_form(
            self.vocabulary,
            form,  # type: ignore[arg-type]
            min_count=min_count,
            workers=workers,
            progress=progress,
        )
        return replace(self, vocabulary=vocabulary)
