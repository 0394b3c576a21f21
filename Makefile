# Everything starts here. `make run` and `make test` set up all they need; only Python 3.11, git and make must be there.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: run setup setup-dev test lint types imports docs docs-check check bench soak floors clean

run: setup
	$(BIN)/clusterscout serve --sample

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

test: setup-dev
	$(BIN)/python -m pytest -n $(WORKERS) -m "not soak"

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

imports: setup-dev
	$(BIN)/lint-imports

# Tables in the manuals are printed by the program; `make docs` prints them anew, `make check` fails when one has drifted.
MANUALS := README.md crawlers/README.md nlp/README.md store/README.md scheduler/README.md

docs: setup-dev
	$(BIN)/python -m cogapp -r $(MANUALS)

docs-check: setup-dev
	$(BIN)/python -m cogapp --check --diff $(MANUALS)

check: lint types imports docs-check

bench: setup-dev
	$(BIN)/python -m tests.bench $(NAME)

soak: setup-dev
	$(BIN)/python -m pytest -m soak -n 0

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
