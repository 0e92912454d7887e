"""Build a corpus with conc from a CSV; run by `run.py` in the peers' environment."""

import sys
import tempfile

import spacy
from conc.corpus import Corpus
from spacy.language import Language

# conc switches off parts that a blank Arabic pipeline does not have, which spaCy refuses.
disable = Language.disable_pipes
Language.disable_pipes = lambda self, names: disable(
    self, [name for name in names if name in self.component_names]
)
source, out = sys.argv[1:]
with tempfile.TemporaryDirectory() as model:
    spacy.blank("ar").to_disk(model)
    Corpus(name="press", description="benchmark").build_from_csv(
        source_path=source,
        save_path=out,
        text_column="text",
        metadata_columns=["outlet", "date"],
        model=model,
    )
