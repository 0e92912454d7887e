"""The two ways in which this package says no, each in one sentence for a person."""

from __future__ import annotations


class BadInput(ValueError):
    """An input cannot be read: the message says what is wrong, where, and what to do.

    >>> raise BadInput("seeds/a.txt is empty: put an article in it or remove it.")
    Traceback (most recent call last):
    corpus_tools.errors.BadInput: seeds/a.txt is empty: put an article in it or remove it.
    """


class InsufficientEvidence(ValueError):
    """A measure refuses to answer because the data cannot carry it.

    Args:
        asked: What was asked for, for example ``"neighbours of الأمن"``.
        there_is: What the data hold, for example ``"1 document, 400 words"``.
        rule: What the measure needs, for example ``"at least 50 occurrences"``.

    >>> raise InsufficientEvidence("neighbours of الأمن", "19 occurrences", "at least 50")
    Traceback (most recent call last):
    corpus_tools.errors.InsufficientEvidence: neighbours of الأمن: needs at least 50; \
the data hold 19 occurrences.
    """

    def __init__(self, asked: str, there_is: str, rule: str) -> None:
        super().__init__(f"{asked}: needs {rule}; the data hold {there_is}.")
        self.asked, self.there_is, self.rule = asked, there_is, rule
