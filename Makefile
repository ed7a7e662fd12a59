# make run: install and open the UI; make test: install and test. Both need Python 3.11 or newer.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock

.PHONY: run test lint screenshot lock clean

run: $(VENV)/.installed
	@$(BIN)/quoth $(DOCUMENTS)

test: $(VENV)/.equipped
ifeq ($(CHROMIUM),)
	@echo 'No Chromium here: the tests that open reports in a browser are left out.'
	$(BIN)/python -m pytest -m 'not browser'
else
	$(BIN)/python -m pytest
endif

lint: $(VENV)/.equipped
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshot: $(VENV)/.equipped
	$(BIN)/python benchmarks/screenshot.py

lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --upgrade setuptools '.[dev]'
	build/lock/bin/python -m pip freeze --all --exclude pip --exclude quoth | sed 's/+cpu$$//' > requirements.lock

clean:
	rm -rf $(VENV) build dist

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Quoth needs Python 3.11 or newer; name one: make run PYTHON=python3.13' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml requirements.lock
	@echo 'Installing what Quoth is built on (a few minutes the first time) ...'
	@$(PIP) --editable '.[formats]'
	@touch $@

$(VENV)/.equipped: $(VENV)/.installed
	@echo 'Installing what the tests need ...'
	@$(PIP) --editable '.[dev]'
	@touch $@
