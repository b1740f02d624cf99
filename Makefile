# Two commands do everything on a fresh machine (Python 3.11 or newer and the package index):
#   make book    the environment, every notebook, the book in _build/html
#   make test    lint, unit tests, every notebook against its reference, the book's links
PYTHON ?= python3
# How many processes run notebooks and tests; each keeps to one thread.
JOBS ?= 2

BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false
# What pip or git may export for other projects must not leak into ours.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help venv book test lint notebooks reference zoo lock clean

help:
	@echo "make book        environment, notebooks, book in _build/html"
	@echo "make test        lint, unit tests, notebooks against their references, links of the book"
	@echo "make lint        ruff alone"
	@echo "make bench       time ours against its peers (a quarter of an hour)"
	@echo "make reference   refresh the notebooks' committed outputs from the last run"
	@echo "make zoo         train the miniature models that are missing or whose config has changed (hours: lcacore zoo plan)"
	@echo "make clean       remove _build (the environment and the artefact store stay)"

venv: .venv/ready

# The stamp holds a copy of what was installed: a new checkout of the same lock calls no pip.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "make: Python 3.11 or newer is needed, but $(PYTHON) is %d.%d. Give another one: make book PYTHON=python3.12" % v[:2])'
	@if cat $^ | cmp -s - $@; then touch $@; else rm -f $@; $(MAKE) --no-print-directory install; cat $^ > $@; fi

.PHONY: install
install:
	@echo "environment: installing requirements.lock into .venv (a few minutes the first time; log in .venv/pip.log)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-input -r requirements.lock 2>.venv/pip.log \
	 && $(BIN)/python -m pip install -q --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . 2>>.venv/pip.log \
	 && $(BIN)/python -m pip check >>.venv/pip.log 2>&1 \
	 || { echo "environment: the installation failed; the end of .venv/pip.log:" >&2; grep -v "is ignored" .venv/pip.log | tail -20 >&2; exit 1; }

book: .venv/ready
	@$(BIN)/lcacore book --jobs $(JOBS)

lint: .venv/ready
	@$(BIN)/ruff check .

# The book first: the tests look at its pages. It is up to date after `make book`, and then this takes seconds.
test: .venv/ready lint book
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --nbval --nbval-current-env notebooks tests

# Ours and the peers in turns, on one thread; the results go to notebooks/recorded and a page of the book shows them.
bench: .venv/ready
	@$(BIN)/python -m benchmarks

reference: .venv/ready
	@$(BIN)/lcacore reference

zoo: .venv/ready
	@$(BIN)/lcacore zoo train all --out lcacore/zoo/shipped --jobs $(JOBS)
	@$(BIN)/lcacore zoo check

clean:
	rm -rf _build
