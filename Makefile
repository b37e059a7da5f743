SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help demo serve test check lint bench format clean
BIN := .venv/bin

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Install what is missing, make a demonstration clinic and serve it (ARGS="--port 8000")
	@.ci/install demo
	@$(BIN)/chairside demo $(ARGS)

serve: ## Serve the clinic under CHAIRSIDE_HOME (ARGS="--help")
	@.ci/install demo
	@$(BIN)/chairside serve $(ARGS)

test: ## Install what is missing, then every check and every test, on SQLite and PostgreSQL
	@.ci/install test
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: ## The checks and tests that need neither PostgreSQL nor a browser
	@.ci/install dev
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -q tests/records/test_migrations.py -m "not postgres"
	$(BIN)/pytest -n auto --dist worksteal -m "not postgres and not browser" $(ARGS) \
		--deselect tests/records/test_migrations.py

lint:
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: ## Run the benchmarks (ARGS="--help")
	@.ci/install test
	@$(BIN)/chairside bench $(ARGS)

format: ## Format the code and mend what can be mended
	@.ci/install dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean: ## Remove what was installed and built here, never a clinic's data
	rm -rf .venv .tools build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache \
		.hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
