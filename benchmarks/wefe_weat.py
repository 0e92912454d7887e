"""WEAT by wefe; run by `ensembles.py` in the peers' environment. Writes effects and p-values.

wefe draws its "permutations" with replacement, so its p is another one than ours; effects agree.
"""

import json
import sys
from pathlib import Path

import numpy as np

np.float_ = np.float64  # wefe was written for numpy 1

from gensim.models import KeyedVectors  # noqa: E402
from wefe.metrics import WEAT  # noqa: E402
from wefe.query import Query  # noqa: E402
from wefe.word_embedding_model import WordEmbeddingModel  # noqa: E402

place = Path(sys.argv[1])
asked = json.loads((place / "asked.json").read_text("utf-8"))
vectors = KeyedVectors.load_word2vec_format(str(place / "vectors.bin"), binary=True)
model = WordEmbeddingModel(vectors, "press")
found = []
np.random.seed(0)
for names in asked["tests"]:
    x, y, a, b = (asked["sets"][name] for name in names)
    query = Query([x, y], [a, b], list(names[:2]), list(names[2:]))
    result = WEAT().run_query(query, model, calculate_p_value=True, p_value_iterations=2000)
    found.append({"effect_size": float(result["effect_size"]), "p": float(result["p_value"])})
(place / "found.json").write_text(json.dumps(found), "utf-8")
