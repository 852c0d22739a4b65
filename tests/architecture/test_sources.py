"""What the source may not say: clocks and environments where none belong, and long files."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import PACKAGES, ROOT, names, parsed, sources, told

LONGEST = 300
LONGER = {
    "recsys/types.py": "the words that all stages share; apart they would import one another",
}
"""files over the limit, and why they are"""

WALL_CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
STOPWATCHES = {"time.monotonic", "time.perf_counter", "time.process_time"}

READS_THE_CLOCK = {
    "bot/sending.py": "the one clock of the application: SystemClock",
    "bot/cli": "the composition root of a command: where a person gives no --now, it is now",
    "bot/schedule.py": "starts with the machine, not with the application's clock",
    "bot/emulator/request_url.py": "signs for an app that compares it with its machine's clock",
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.unsetenv"}
READS_THE_ENVIRONMENT = {
    "bot/settings.py": "the only reader",
    "bot/cli/__init__.py": "sets what OpenMP and OpenBLAS read as they load; reads nothing",
}
SERIALIZERS = {"pickle", "cPickle", "_pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}


def found(packages: tuple[str, ...], forbidden: set[str]) -> Iterator[tuple[str, str]]:
    """Files and the forbidden names that they read, also through a module's alias."""
    for package in packages:
        for path in sources(package):
            for name in names(parsed(path)):
                if name in forbidden or any(name.startswith(f"{one}.") for one in forbidden):
                    yield told(path), name


def excused(file: str, reasons: dict[str, str]) -> bool:
    return any(file == one or file.startswith(f"{one}/") for one in reasons)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_too_long_without_a_reason(package: str) -> None:
    long = {
        told(path): lines
        for path in sources(package)
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert {file: lines for file, lines in long.items() if file not in LONGER} == {}


def test_every_excuse_for_length_is_needed() -> None:
    for file in LONGER:
        assert len((ROOT / file).read_text("utf-8").splitlines()) > LONGEST, file


def test_the_recommender_reads_no_clock_and_no_environment() -> None:
    assert list(found(("recsys",), WALL_CLOCKS | STOPWATCHES | ENVIRONMENT)) == []


def test_policy_and_openers_take_time_as_an_argument() -> None:
    clocks = WALL_CLOCKS | STOPWATCHES
    assert list(found(("bot/policy", "bot/openers"), clocks)) == []


def test_the_wall_clock_is_read_at_the_root_alone() -> None:
    read = [one for one in found(("bot",), WALL_CLOCKS) if not excused(one[0], READS_THE_CLOCK)]
    assert read == []


def test_only_the_settings_read_the_environment() -> None:
    read = set(found(("bot",), ENVIRONMENT))
    assert {file for file, _ in read} == set(READS_THE_ENVIRONMENT)
    of_command = {name for file, name in read if file == "bot/cli/__init__.py"}
    assert of_command <= {"os.environ", "os.environ.setdefault"}


def test_nothing_is_pickled() -> None:
    assert list(found(PACKAGES, SERIALIZERS)) == []
    allowing = [
        told(path)
        for package in PACKAGES
        for path in sources(package)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword)
        and node.arg == "allow_pickle"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]
    assert allowing == []


PLANTED = {
    "import time\ntime.time()": "time.time",
    "from time import time as t\nt()": "time.time",
    "import datetime as d\nd.datetime.now(d.UTC)": "datetime.datetime.now",
    "from datetime import datetime\nx = datetime.now": "datetime.datetime.now",
    "from datetime import date\ndate.today()": "datetime.date.today",
    "import os\nos.environ['A']": "os.environ",
    "from os import environ\nenviron.get('A')": "os.environ.get",
    "import os as o\no.getenv('A')": "os.getenv",
    "import pickle\npickle.loads(b'')": "pickle.loads",
    "from joblib import load\nload('x')": "joblib.load",
}


@pytest.mark.parametrize("source", PLANTED)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert PLANTED[source] in set(names(ast.parse(source)))
