# `make` builds .venv/bin/gaia; every target does its own set-up.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.DEFAULT_GOAL := $(BIN)/gaia

$(BIN)/gaia: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || $(BIN)/python -m pip install --quiet uv
	@UV=$$(command -v uv || echo $(BIN)/uv); $$UV pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && $$UV pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
