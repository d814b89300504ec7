# Every target bootstraps itself from a bare python3 (3.11+) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
export UV_LINK_MODE := copy
export UV_PROJECT_ENVIRONMENT := $(VENV)
SOURCES := incidents lambda_fn tray_app simulator benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fmt lock

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 24

setup: $(VENV)/.ready ## Make the environment, in .venv.

$(UV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --all-extras --all-groups --python $(BIN)/python
	@touch $@

lock: $(UV) ## Resolve the dependencies anew.
	$(UV) lock

fmt: setup ## Format the code and mend what can be mended.
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: setup ## Format, lint, types, imports.
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy $(SOURCES) tests
	$(BIN)/lint-imports
