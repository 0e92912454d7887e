"""What a reader sees: tables, figures, pages, headline numbers, and the run of all notebooks."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
