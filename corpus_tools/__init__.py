"""How Arabic-language journalism writes about security: load, clean, count, embed, read.

Data goes one way: sources, documents, `Corpus`, measure, table or figure. Each module holds one
subject and is imported by its name, as in ``from corpus_tools import corpus, framing``; nothing is
imported here, so that a command starts without the libraries that it does not use.
"""

from corpus_tools.errors import BadInput, InsufficientEvidence

__version__ = "0.1.0"
__all__ = ["BadInput", "InsufficientEvidence"]
