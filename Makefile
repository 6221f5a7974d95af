# What a newcomer needs: `make demo`. Every target fills .venv by itself first.
# Arguments go through ARGS:  make demo ARGS=--keep   make test ARGS="tests/unit -x"

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.sluice-installed
SOURCES := pipeline connectors analytics infra tests
QUICK_TESTS := tests/contract tests/unit tests/property tests/replay

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick test-running check format clean

help: ## say what can be made
	@echo "Sluice: an SMS aggregator built as an event log. Make one of:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'Arguments: make demo ARGS=--keep, make test ARGS="tests/unit -x". The command itself: .venv/bin/sluice --help'

setup: $(STAMP) ## fill .venv with the locked packages and the sluice command

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "$(PYTHON) was not found; Sluice needs Python 3.11 or newer. Install it, or: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V 2>&1), expected Python 3.11 or newer. Try: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module; install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (the first time takes a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP) ## start all of it, send the scenario's messages, show and check every outcome
	@$(BIN)/sluice demo $(ARGS)

test: $(STAMP) ## run all tests (embedded Kafka, simulator and engine are started by them)
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	@$(MAKE) --no-print-directory --keep-going -j2 test-quick test-running
endif

test-quick: $(STAMP) # beside the others, which mostly wait; what it printed comes when it is done
	@told=$$(mktemp); nice $(BIN)/python -m pytest -q $(QUICK_TESTS) >"$$told" 2>&1; status=$$?; cat "$$told"; rm -f "$$told"; exit $$status

test-running: $(STAMP)
	$(BIN)/python -m pytest tests/e2e tests/integration

check: $(STAMP) ## style, types and the walls between the parts
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## let ruff set imports and layout right
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

clean: ## forget all data of the laptop's Sluice (.sluice); the Kafka jars in the user cache stay
	rm -rf .sluice
