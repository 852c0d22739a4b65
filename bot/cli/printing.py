"""Results on standard output, as one JSON object or for a person; all else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console

PIPED = 240
"""columns where no terminal says how many it has"""


def out() -> Console:
    """Where results go; wide enough not to cut lines when piped."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=PIPED)


def err() -> Console:
    return Console(stderr=True, highlight=False)


def print_json(value: Mapping[str, Any]) -> None:
    """One object on standard output, and nothing else."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
