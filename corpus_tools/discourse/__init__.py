"""Discourse indicators: who acts, who speaks, what is counted and what is praised."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
