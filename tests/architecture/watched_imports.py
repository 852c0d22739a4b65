"""Imports modules and prints, as JSON, what happened while they were imported.

Run as a program: ``watched_imports.py MODULE…``; a package stands for all modules below it.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import threading
from typing import Any

DOES_SOMETHING = (
    "socket.bind",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "threading.Thread.start",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.putenv",
    "os.unsetenv",
    "sqlite3.connect",
    "shutil.copyfile",
    "tempfile.mkstemp",
    "tempfile.mkdtemp",
    "signal.pthread_kill",
)
happened: list[list[str]] = []
importing = ""


def notice(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook; it hears of everything that Python does."""
    if importing and (event in DOES_SOMETHING or (event == "open" and writes(arguments))):
        happened.append([importing, event, repr(arguments)[:200]])


def notice_threads() -> None:
    """Python tells its audit hooks of new threads only from 3.12 on."""
    start = threading.Thread.start

    def noticed(self: threading.Thread) -> None:
        notice("threading.Thread.start", (self.name,))
        start(self)

    threading.Thread.start = noticed  # type: ignore[method-assign]


def writes(arguments: tuple[Any, ...]) -> bool:
    path, mode, flags = arguments
    if path == os.devnull:
        return False
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(int(flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def below(name: str) -> list[str]:
    """A module, and all that are below it."""
    module = importlib.import_module(name)
    inner = pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}.")
    return [name, *(one.name for one in inner)]


def main(arguments: list[str]) -> None:
    """Import them all, in order."""
    global importing
    importlib.import_module("numpy")  # sets a variable of its own while it loads, and unsets it
    sys.addaudithook(notice)
    notice_threads()
    imported = []
    for argument in arguments:
        importing = argument
        for name in below(argument):
            importing = name
            importlib.import_module(name)
            imported.append(name)
    importing = ""
    print(json.dumps({"imported": imported, "happened": happened}))


if __name__ == "__main__":
    main(sys.argv[1:])
