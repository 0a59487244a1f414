# The Python that makes .venv; everything after the set-up runs in it.
PYTHON ?= python3
STACK ?= dev
WORKERS ?= 2

# The SDKs are large: compiling them anew in every process takes longer than what the process is for.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv/bin
# A file's tests stay in one worker: those of one stack's life go in order.
PYTEST := $(VENV)/python -m pytest -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-destroy test lint types tests unit engine format docs constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Prepare .venv and the Pulumi CLI (the targets below do this themselves)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -m tools.bootstrap

demo: setup ## Bring STACK (dev) up in a simulated AWS account; a second run says 0 changes
	@$(VENV)/python -m simulator.demo up --stack $(STACK) --pulumi "$$(cat .venv/pulumi-cli)"

demo-destroy: setup ## Destroy what `make demo` brought up
	@$(VENV)/python -m simulator.demo destroy --stack $(STACK) --pulumi "$$(cat .venv/pulumi-cli)"

test: lint types tests ## Everything a change must pass: lint, types, all tests

lint: setup ## Check style and formatting
	@echo "== lint"
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

types: setup ## Check types, strictly
	@echo "== types (about 1 min the first time)"
	@$(VENV)/python -m mypy

tests: setup
	@echo "== tests"
	@$(PYTEST)

unit: setup ## Run the tests that need no Pulumi CLI
	@$(PYTEST) -m "not engine"

engine: setup ## Run the tests on the real Pulumi engine
	@$(PYTEST) -m engine

format: setup ## Mend style and formatting
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

docs: setup ## Write the generated parts of docs/ and Pulumi.yaml anew
	@$(VENV)/python -m ray_platform.config.reference --write

constraints: ## Resolve the requirements afresh into constraints.txt
	@$(PYTHON) -m tools.constraints

clean: ## Remove .venv, the caches in this tree and the simulated account
	rm -rf .venv .demo .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
