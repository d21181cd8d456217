# Two commands do all the set-up: `make demo` and `make test`. The rest is for those who change Modelmark.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2

.PHONY: demo test test-all lint bench openapi registry gates lock clean help

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## Tell the life of a model, on real input, in demo/
	@$(BIN)/python -m examples.demo

test: $(READY) ## Run all tests but the slow ones
	-@$(BIN)/python -m tests.fakehub.openapi.fetch
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow"

test-all: $(READY) ## Run all tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(READY) ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

openapi: $(READY) ## Fetch GitHub's OpenAPI, to which tests hold what we ask of GitHub
	@$(BIN)/python -m tests.fakehub.openapi.fetch

bench: $(READY) ## Measure ours beside the peers
	$(BIN)/python -m bench

registry: $(READY) ## Bring the registry in this repository to life, and verify it
	$(BIN)/modelmark apply --no-push
	$(BIN)/modelmark verify --all --content

gates: $(READY) ## Have the models in this repository judged by its own gates, in the sandbox
	$(BIN)/python -m examples.gates

lock: $(READY) ## Pin the development dependencies anew
	$(BIN)/pip-compile --quiet --allow-unsafe --extra dev --extra examples --generate-hashes --no-annotate \
	  --no-emit-find-links --no-emit-index-url --no-emit-trusted-host --strip-extras \
	  --output-file requirements-dev.txt pyproject.toml

clean: ## Remove what the commands above made
	rm -rf $(VENV) demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .openapi

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Modelmark needs Python 3.11 or newer")'
	@echo "setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
