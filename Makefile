# The Python that makes .venv; everything after the set-up runs in it.
PYTHON ?= python3
STACK ?= dev
WORKERS ?= 2
# For the demo: `memory`, or `real` for a Kubernetes control plane of real programs. Unset: as in the last run.
CLUSTER ?=

# The SDKs are large: compiling them anew in every process takes longer than what the process is for.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv/bin
# A file's tests stay in one worker: those of one stack's life go in order.
PYTEST := $(VENV)/python -m pytest -n $(WORKERS) --dist loadfile

DEMO = $(VENV)/python -m simulator.demo --stack $(STACK) $(addprefix --cluster ,$(CLUSTER)) \
	--cluster-binaries .venv/cluster-binaries --pulumi "$$(cat .venv/pulumi-cli)"
CLUSTER_PROGRAMS := $(if $(filter real,$(CLUSTER)),cluster-binaries)

.DEFAULT_GOAL := help
.PHONY: help setup cluster-binaries demo demo-destroy test lint types tests unit engine cluster test-faults bench scan audit bom secrets release format docs constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Prepare .venv and the Pulumi CLI (the targets below do this themselves)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -m tools.bootstrap

cluster-binaries: ## Build Kubernetes and the KubeRay operator too (`make test` does this itself)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -m tools.bootstrap cluster-binaries

demo: setup $(CLUSTER_PROGRAMS) ## Bring STACK (dev) up in a simulated AWS account; CLUSTER=real: on real Kubernetes
	@$(DEMO) up

demo-destroy: setup $(CLUSTER_PROGRAMS) ## Destroy what `make demo` brought up
	@$(DEMO) destroy

test: lint types secrets tests ## Everything a change must pass: lint, types, no secrets, all tests

lint: setup ## Check style and formatting
	@echo "== lint"
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

types: setup ## Check types, strictly
	@echo "== types (about 1 min the first time)"
	@$(VENV)/python -m mypy

tests: cluster-binaries
	@echo "== tests"
	@$(PYTEST)

unit: setup ## Run the tests that need no Pulumi CLI
	@$(PYTEST) -m "not engine and not cluster and not linter"

engine: setup ## Run the tests on the real Pulumi engine
	@$(PYTEST) -m "engine and not cluster"

cluster: cluster-binaries ## Run the tests on a real Kubernetes control plane
	@$(PYTEST) -m cluster

test-faults: setup ## Every fault, and a kill at every step (about half an hour): docs/reliability.md
	@$(VENV)/python -m tests.support.reliability

bench: setup ## Measure speed as ratios, growth, imports and memory (about eight minutes): docs/performance.md
	@$(VENV)/python -m tools.bench

scan: setup ## Have checkov, parliament and kubernetes-validate judge dev and prod (docs/scanners.md)
	@$(VENV)/python -m tools.scanners

format: setup ## Mend style and formatting
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

docs: setup ## Write the generated parts of the documents and of Pulumi.yaml anew
	@$(VENV)/python -m ray_platform.config.reference --write
	@$(VENV)/python -m ray_platform.checks.reference --write
	@$(VENV)/python -m ray_platform.guardrails.reference --write
	@$(VENV)/python -m ray_platform.pipeline_roles examples/pipelines
	@$(VENV)/python -m tools.readme_picture
	@$(VENV)/python -m tools.dependencies.licences --write

constraints: setup ## Resolve the requirements afresh into constraints.txt, and their hashes into requirements.lock
	@$(PYTHON) -m tools.constraints
	@$(VENV)/python -m tools.dependencies.lock

bom: setup ## Write the software bill of materials into dist/
	@$(VENV)/python -m tools.dependencies.bom

audit: setup ## Ask for known vulnerabilities of the packages
	@$(VENV)/python -m tools.dependencies.audit

secrets: setup ## Look for secrets in every file of the tree but locks
	@echo "== secrets"
	@$(VENV)/python -m tools.dependencies.leaks

release: secrets audit bom ## What a release needs: no secret, no known vulnerability, the bill of materials and the wheel
	@$(VENV)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## Remove .venv, the caches in this tree and the simulated account
	rm -rf .venv .demo .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
