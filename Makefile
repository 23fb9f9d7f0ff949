# Everything a contributor types. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
MINIMAL := .venv-minimal
LOWEST := .venv-lowest
BIN := $(VENV)/bin
JOBS ?= auto
DEMO ?= demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-deep test-bayes test-databases test-browser test-all test-explore test-minimal test-lowest \
	coverage lint types floors tables figures data bench docs docs-check docs-site clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two stamps: running Artesian needs less than working on it.
$(VENV)/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Artesian needs Python 3.11 or newer, and $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." \
		% sys.version_info[:2])'
	@echo "building $(VENV) (some minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

setup: $(VENV)/.dev ## build .venv with everything; the command is then .venv/bin/artesian

demo: $(VENV)/.base ## make synthetic data from a real table and say where the report lies
	$(BIN)/artesian synth examples/adult.csv.gz -o $(DEMO) --target income --force
	@echo "Open $(abspath $(DEMO))/report.html in a browser; the data is in $(DEMO)/data."

test: $(VENV)/.dev ## the fast tests
	$(BIN)/python -m pytest -n $(JOBS)

test-slow: $(VENV)/.dev ## the slow tests
	$(BIN)/python -m pytest -n $(JOBS) -m slow

# The build of torch that the tests were written with, where an index has it; else any that serves.
$(VENV)/.deep: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet torch==2.13.0 'safetensors>=0.5' \
		|| $(BIN)/python -m pip install --quiet 'torch>=2.9' 'safetensors>=0.5'
	@touch $@

test-deep: $(VENV)/.deep ## the tests that need torch
	$(BIN)/python -m pytest -n $(JOBS) -m slow tests/synthesizers/deep

$(VENV)/.bayes: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet 'numpyro>=0.19'
	@touch $@

# What JAX compiles is kept for the next run.
test-bayes: $(VENV)/.bayes ## the tests that need numpyro
	JAX_COMPILATION_CACHE_DIR=$(abspath $(VENV))/.jax-cache \
		JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.5 $(BIN)/python -m pytest -n $(JOBS) -m slow \
		tests/synthesizers/test_hierarchical_glm.py tests/conformance -k hierarchical_glm

test-databases: $(VENV)/.dev ## the tests that need a PostgreSQL server
	$(BIN)/python -m pytest -m postgres

test-browser: $(VENV)/.dev ## the tests that need Chromium
	$(BIN)/python -m pytest -m browser

# Any failure is a fault that the fixed examples miss: mend it, and keep the example with @example.
test-explore: $(VENV)/.dev ## property tests, edited files and kills with many more examples (long)
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -n $(JOBS) -m hypothesis
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -m slow tests/hostile

coverage: $(VENV)/.dev ## the fast tests, and which lines and branches they run
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term --cov-report=html --cov-report=xml

test-all: test test-slow test-deep test-bayes test-databases test-browser ## every test

$(MINIMAL)/.base: pyproject.toml
	@test -x $(MINIMAL)/bin/python || $(PYTHON) -m venv $(MINIMAL)
	@$(MINIMAL)/bin/python -m pip install --quiet --editable . pytest
	@touch $@

test-minimal: $(MINIMAL)/.base ## the main job where no optional package is installed
	$(MINIMAL)/bin/python -m pytest tests/minimal

$(LOWEST)/.base: pyproject.toml
	@test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	@$(LOWEST)/bin/python -m pip install --quiet uv
	@VIRTUAL_ENV=$(LOWEST) $(LOWEST)/bin/uv pip install --quiet --resolution lowest-direct \
		--group dev --editable .
	@touch $@

test-lowest: $(LOWEST)/.base ## the fast tests with the oldest versions that pyproject.toml admits
	$(LOWEST)/bin/python -m pytest -n $(JOBS)

lint: $(VENV)/.dev ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## static types
	$(BIN)/mypy

floors: $(VENV)/.dev ## which package may import which
	$(BIN)/lint-imports

tables: $(VENV)/.dev ## write the measured tables and sentences of the docs from the benchmark results
	$(BIN)/python benchmarks/docs_tables.py

figures: $(VENV)/.dev ## tables and figures in the docs equal the benchmark results
	$(BIN)/python benchmarks/docs_tables.py --check

data: ## fetch what the benchmarks read and the repository does not ship
	$(PYTHON) benchmarks/fetch.py

bench: $(VENV)/.dev ## measure against the peers (hours)
	$(BIN)/python benchmarks/single_table.py

docs: $(VENV)/.dev ## write the generated pages of the docs anew
	$(BIN)/python docs/generate.py

docs-check: $(VENV)/.dev ## the generated pages are up to date
	$(BIN)/python docs/generate.py --check

$(VENV)/.docs: $(VENV)/.base
	@$(BIN)/python -m pip install --quiet --group docs
	@touch $@

docs-site: $(VENV)/.docs ## build the docs as a site in build/site, without a network
	$(BIN)/python -m sphinx --fresh-env --write-all --fail-on-warning --keep-going --quiet \
		-b html docs build/site
	$(BIN)/python docs/check_site.py build/site

clean: ## remove what was built
	rm -rf $(VENV) $(MINIMAL) $(LOWEST) $(DEMO) build dist htmlcov coverage.xml .coverage docs/reference .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
