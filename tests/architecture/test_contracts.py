"""import-linter's contracts hold, and each of them notices what it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LINT = Path(sys.executable).with_name("lint-imports")

PLANTED: dict[str, dict[str, str]] = {
    "recsys is pure: it never imports bot, nor anything that does I/O": {
        "recsys/topics.py": "import sqlalchemy"
    },
    "the layers of bot": {"bot/store/items.py": "import bot.outreach"},
    "the recommender's layers": {"recsys/pipeline.py": "import recsys.registry"},
    "only bot.slack speaks to Slack": {"bot/planning.py": "import slack_sdk"},
    "only bot.llm speaks to a model": {"bot/openers/compose.py": "import openai"},
    "the emulator knows nothing of the bot": {"bot/emulator/site.py": "import bot.ports"},
    "sending needs no recommender": {"bot/delivery/recheck.py": "import faiss"},
}
"""for each contract, what breaks it"""


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [one["name"] for one in settings["tool"]["importlinter"]["contracts"]]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": str(folder), "COLUMNS": "300", "PATH": ""},
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree elsewhere, so that it can be spoiled."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def test_every_contract_has_something_planted_against_it() -> None:
    assert set(PLANTED) == set(contracts())


def test_the_contracts_hold_and_notice_what_breaks_them(copied: Path) -> None:
    whole = lint(copied)
    assert whole.returncode == 0, whole.stdout
    assert whole.stdout.count(" KEPT") == len(PLANTED)
    for violations in PLANTED.values():
        for file, line in violations.items():
            with (copied / file).open("a", encoding="utf-8") as source:
                source.write(f"\n{line}  # planted\n")
    spoilt = lint(copied)
    assert spoilt.returncode == 1
    for name in PLANTED:
        assert f"{name} BROKEN" in " ".join(spoilt.stdout.split()), name


def test_no_contract_makes_exceptions() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        assert "ignore_imports" not in contract
