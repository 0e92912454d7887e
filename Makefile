# The two commands of the README are `make reproduce` and `make test`; each sets up .venv when it must.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Results must not depend on the machine: one BLAS thread, a fixed hash seed, UTF-8 everywhere.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export PYTHONUTF8 := 1
export MPLBACKEND := agg

.PHONY: setup reproduce test notebooks lab lock bench kernels fuzz format clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is %d.%d: name another with make PYTHON=python3.12" % v)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

reproduce: setup
	$(BIN)/corpus-tools reproduce

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# Runs every notebook in place and stores what it says; read the diff before you commit it.
notebooks: setup
	$(BIN)/corpus-tools reproduce --store --out results

# Do commands and notebooks say the same on other processors' kernels, with two BLAS threads, and
# with other orders of hashing? Needs a processor with AVX-512 for SkylakeX, and some thirty minutes.
kernels: setup
	$(BIN)/python benchmarks/kernels.py
	for kernel in Haswell SkylakeX Zen Prescott; do for threads in 1 2; do for hash in 0 1 2; do \
		echo "$$kernel, $$threads threads, hash seed $$hash"; \
		OPENBLAS_CORETYPE=$$kernel OPENBLAS_NUM_THREADS=$$threads PYTHONHASHSEED=$$hash \
			$(BIN)/python -m pytest -o testpaths=notebooks || exit 1; \
	done; done; done

# Beside peers, in an environment of their own; needs ../shared/data and some ten minutes.
bench: setup
	test -x .peers/bin/python || $(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python benchmarks/run.py .peers/bin/python

# Bytes nobody wrote, through the loader; what reached something new is kept in .fuzz/inputs.
FUZZ_SECONDS ?= 3600
fuzz: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .fuzz/lib atheris
	cd tests && PYTHONPATH=../.fuzz/lib ../$(BIN)/python fuzz.py $(FUZZ_SECONDS) ../.fuzz/inputs

lab: setup
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/01_corpus.ipynb

lock:
	@test -x $(BIN)/uv || $(MAKE) setup
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --upgrade --quiet -o requirements.lock

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .peers .fuzz results .pytest_cache .mypy_cache .ruff_cache .hypothesis
