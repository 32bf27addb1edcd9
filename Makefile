# The targets of this repository. Every CI step is one of them.
PYTHON ?= python3
EDITION ?=
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)

VENV := .venv
BIN := $(VENV)/bin
# node and npm come with the environment.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
# Each edition has its own folder, so that it never overwrites the book.
OUTPUT := $(if $(EDITION),_build/$(EDITION),.)
BOOK := $(if $(EDITION),_build/$(EDITION)/_build/html,_build/html)
export DOWNHILL_EDITION := $(EDITION)
export DOWNHILL_JOBS := $(JOBS)

.PHONY: help setup book serve test quick lint engine browser test-nbgrader linkcheck bench audit offline fuzz mutants lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

setup: $(VENV)/.installed  ## the virtual environment, with everything pinned

# uv installs in seconds; where it can't, pip does the same in a minute. Bytecode is compiled at
# once: a kernel then starts in a third of the time even where Python cannot write its caches.
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The book needs Python 3.11 or newer: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

book: setup  ## build the book; prints the path to open
	@mkdir -p $(OUTPUT)
	@$(BIN)/jupyter-book build . --path-output $(OUTPUT) -W -n --keep-going
	@echo "$(CURDIR)/$(BOOK)/index.html"

serve: setup  ## serve the built book on this machine, compressed; prints the URL
	@$(BIN)/python _ext/downhill/serve.py $(BOOK)

offline: book  ## one zip that opens from disk when unpacked
	@$(BIN)/python _ext/downhill/offline.py $(BOOK) $(if $(EDITION),$(OUTPUT),_build)/downhill.zip

# One test more than there are processors: some wait for a browser or a server meanwhile.
test: setup browser lint book  ## everything: linters, types, all tests, in a real browser too
	@$(BIN)/pytest -n $$(($(JOBS) + 1)) --dist loadfile

quick: lint  ## what needs neither book nor browser: linters, types, most tests, in a minute or two
	@$(BIN)/pytest -q -n $(JOBS) --dist worksteal -m "not heavy"

# nbgrader brings its own Jupyter, which must not affect ours: it has its own environment. The tests
# run outside it, nbgrader's commands inside.
# Held, as the tests know where this version keeps what it collects.
NBGRADER := .venv-nbgrader
test-nbgrader: setup  ## the exercises in the real nbgrader
	@test -x $(NBGRADER)/bin/python || $(PYTHON) -m venv $(NBGRADER)
	@$(BIN)/uv pip install --quiet --python $(NBGRADER)/bin/python nbgrader==0.9.6 -e .
	@$(BIN)/pytest tests/real_nbgrader.py

lint: setup node_modules/.package-lock.json  ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(NODE) node_modules/.bin/eslint .
	@$(NODE) npm run --silent types
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

node_modules/.package-lock.json: package-lock.json | setup
	@$(NODE) npm ci --ignore-scripts --no-audit --no-fund --silent

engine: node_modules/.package-lock.json  ## bundle the engine of the live figures; commit what changes
	@$(NODE) npm run --silent engine -- --log-level=warning

browser: setup  ## find or fetch the browser that the tests drive
	@$(BIN)/python -m tests.browser

# PyTorch is too large for everybody's environment. It is imported first, because the tests are
# skipped without it.
.PHONY: oracles
oracles: setup  ## the tests that compare with PyTorch, which is installed for them
	@$(BIN)/uv pip install --quiet --python $(BIN)/python torch --index-url https://download.pytorch.org/whl/cpu
	@$(BIN)/python -c 'import torch'
	@$(BIN)/pytest $$(grep -l '\btorch\b' tests/test_*.py)

linkcheck: setup  ## check that every external link still works
	@$(BIN)/jupyter-book build . --path-output _build/linkcheck --builder linkcheck

bench: setup  ## every benchmark: how fast the sliders are, and the rest
	@$(BIN)/python -m benchmarks

audit: setup browser  ## Lighthouse's mobile test of every page: speed, accessibility, weight
	@$(BIN)/python -m benchmarks.audit

fuzz: setup  ## every odd input of every figure, and thousands of random expressions in both faces
	@FUZZ=1 $(BIN)/pytest -q -n $(JOBS) --dist worksteal tests/test_odd_input.py tests/test_faces.py

mutants: setup  ## does a test fail for every bug planted in the library?
	@$(BIN)/python -m tests.mutants

# The newest versions that pyproject.toml allows, for every system and Python at once. Binder has some
# of the same pins: those needed to run the chapters.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --no-emit-package gdlib --no-header --no-annotate --no-emit-index-url --no-emit-find-links
PINNED := \# Written by make lock from pyproject.toml. Pins for every system, Python 3.11 and newer.

lock: setup  ## refresh the pins: requirements.txt, Binder's and package-lock.json
	@$(COMPILE) --upgrade --all-extras -o pins.new
	@$(COMPILE) --extra run -c pins.new -o binder.new
	@{ echo "$(PINNED)"; cat pins.new; echo "-e ."; } > requirements.txt
	@{ echo "$(PINNED)"; cat binder.new; } > .binder/requirements.txt
	@rm pins.new binder.new
	@$(NODE) npm install --package-lock-only --ignore-scripts --silent
	@cd benchmarks/audit && $(NODE) npm install --package-lock-only --ignore-scripts --silent

clean:  ## remove what was built, the environment too
	rm -rf _build $(VENV) $(NBGRADER) node_modules benchmarks/audit/node_modules *.egg-info build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
