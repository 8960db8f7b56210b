# `make run` and `make test` are the two commands; README.md and CONTRIBUTING.md say more.
# PORT and INSTANCE travel as environment variables, so that a folder may hold spaces.
export PORT INSTANCE
PY = .venv/bin/python
TARGETS = $(wildcard shop config.py wsgi.py migrations scripts tests bench)

.PHONY: run test soak bench lint types pytest fmt translations venv clean
.DEFAULT_GOAL := run

run: ## start the shop: make run [PORT=8000] [INSTANCE=instance]
	@python=$$(scripts/find-python) && exec "$$python" -m shop.run

test: lint ## everything that is checked before a change lands
	@$(PY) -m tests.support.chromium --ensure
	@$(PY) -m pytest -n 2 --dist load

soak: venv ## races, kills and properties in full size (takes an hour or so)
	@XIAOPU_SOAK=1 $(PY) -m pytest -n 2 --dist load -m soak

bench: venv ## what the pages cost, on catalogues of three sizes (takes a while)
	@$(PY) -m bench $(BENCH)

lint: venv ## style, types, layers, templates
	@$(PY) -m scripts.lint

fmt: venv ## put code and imports in their one form
	@$(PY) -m ruff check --fix --quiet $(TARGETS)
	@$(PY) -m ruff format --quiet $(TARGETS)

translations: venv ## collect new texts into the catalogue and compile it
	@$(PY) -m scripts.translations

venv:
	@python=$$(scripts/find-python) && "$$python" -m shop.run.venv --dev

clean: ## remove what can be made again (never an instance folder)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find shop tests migrations scripts -name __pycache__ -type d -prune -exec rm -rf {} +
	find shop/translations -name '*.mo' -delete
