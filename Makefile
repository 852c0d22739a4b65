# Two commands are all a newcomer needs: `make demo` and `make test`.
# pip's own settings (index, cache, proxies) are honoured; see README for PyTorch's CPU build.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test setup lint unit chaos browser clean

demo: setup
	@$(BIN)/overture demo

test: setup browser
	@$(MAKE) --no-print-directory lint unit

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version); set PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --quiet -e .
	@touch $@

# A Chromium for the browser tests: the system's, else Debian's package as root, else Playwright's.
browser: setup
	@sh tests/find_browser.sh $(BIN)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: setup
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

# Longer than in `unit`: so many random kills on each database, 200 there. make chaos N=2000
N ?= 1000
chaos: setup
	CHAOS=$(N) $(BIN)/pytest -n 2 --dist loadfile tests/chaos

clean:
	rm -rf .venv var
