"""How Arabic-language journalism writes about security: load, clean, count, embed, read.

The front door of the package; nothing heavy is imported before it is used::

    import corpus_tools as ct

    corpus = ct.read_corpus("seeds/article")
    reference = ct.open_reference("seeds/press")
    ct.words.keyness(corpus, reference, unit="paragraph")

Each subpackage holds what one notebook needs: `corpus`, `words`, `embeddings`, `framing`,
`discourse`. What measures is a function that takes a corpus and returns a Polars DataFrame or
gensim `KeyedVectors`.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
