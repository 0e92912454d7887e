from . import (
    arabic,
    corpus,
    discourse,
    embeddings,
    files,
    framing,
    loading,
    reference,
    report,
    resampling,
    words,
)
from .corpus import Corpus, open_corpus, read_corpus, save_corpus
from .errors import BadInput, InsufficientEvidence
from .reference import Reference, open_reference

__version__: str
__all__ = [
    "BadInput",
    "Corpus",
    "InsufficientEvidence",
    "Reference",
    "arabic",
    "corpus",
    "discourse",
    "embeddings",
    "files",
    "framing",
    "loading",
    "open_corpus",
    "open_reference",
    "read_corpus",
    "reference",
    "report",
    "resampling",
    "save_corpus",
    "words",
]
