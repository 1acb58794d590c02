# `make` lists what can be done. Nothing has to be installed first but Python 3.11 to 3.13 and make.
.DEFAULT_GOAL := help
.PHONY: help run test lint format types bench seed shell describe lock
PYTHON ?= python3
VENV := .venv/bin

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Set up what is missing and run the site until Ctrl-C (PORT=8000 DATA_DIR=var DEMO=0)
	@exec $(PYTHON) -m deploy.run run

test: .development ## Run the tests on PostgreSQL and Redis, then on SQLite (APP=venues: that app's, on SQLite alone)
	@exec $(VENV)/python -m deploy.check test "$(APP)" "$(ON)"

lint: .development ## Look for mistakes: ruff, its format, the layers of imports
	@exec $(VENV)/python -m deploy.check lint

format: .development ## Format the code
	@$(VENV)/ruff check --fix-only --quiet . && $(VENV)/ruff format .

types: .development ## Check the types
	@exec $(VENV)/mypy

bench: .development ## Measure the site beside its ceilings, on real PostgreSQL and Redis
	@exec $(VENV)/python -m bench

seed: .install ## Fill the site with demo data (SCALE=50: ten thousand events)
	@exec $(VENV)/python manage.py seed_demo --scale $(or $(SCALE),1)

shell: .install ## Open Django's shell
	@exec $(VENV)/python manage.py shell

describe: .install ## Write the API's description anew: docs/api/openapi.json
	@exec $(VENV)/python manage.py describe_api

lock: .development ## Compile the lock files anew from pyproject.toml and package.json
	@exec $(VENV)/python -m deploy.lock

.PHONY: .install .development
.install:
	@$(PYTHON) -m deploy.run install
.development:
	@$(PYTHON) -m deploy.run install-development
