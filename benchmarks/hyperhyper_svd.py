"""One PPMI-SVD with hyperhyper; run by `ensembles.py` in the peers' environment.

Reads a sentence a line, words apart by a space; writes the vectors, the PPMI values and the time.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import hyperhyper
from scipy import sparse

source, out = map(Path, sys.argv[1:])
sentences = [line.split() for line in source.read_text("utf-8").splitlines()]
pairs = {"window": 5, "dynamic_window": "deter", "subsample": "off"}
begun = time.perf_counter()
with tempfile.TemporaryDirectory() as place:
    corpus = hyperhyper.Corpus.from_sents(sentences, preproc_func=list, keep_n=None)
    bunch = hyperhyper.Bunch(place, corpus)
    vectors = bunch.svd(
        dim=100, eig=0.5, neg=1, cds=0.75, pair_args=pairs, keyed_vectors=True, evaluate=False
    )
    took = time.perf_counter() - begun
    matrix = hyperhyper.pmi.PPMIEmbedding(bunch.pmi_matrix(0.75, pairs), normalize=False).m
    bunch.close()
vectors.save_word2vec_format(str(out / "vectors.bin"), binary=True)
sparse.save_npz(out / "ppmi.npz", sparse.csr_matrix(matrix))
facts = {"seconds": took, "words": corpus.vocab.tokens}
(out / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
