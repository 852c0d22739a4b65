"""`overture demo`: the whole loop in an invented workspace, with a page or without."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching

FOLDER = "demo"


@click.command()
@click.option("--headless", is_flag=True, help="No page: scripted members live the days.")
@click.option("--json", "as_json", is_flag=True, help="With --headless: print one JSON object.")
@click.option("--days", type=click.IntRange(1, 60), default=5, show_default=True,
              help="With --headless: days to live, from a Monday on.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page; 0: any free.")
@click.pass_obj
def demo(context: Context, headless: bool, as_json: bool, days: int, seed: int, port: int) -> None:
    """Meet the bot in an invented workspace: nothing here needs a key, an account or a network.

    People, activity and outcomes are simulated; the bot is the production bot, talking to an
    emulated Slack on this machine. It starts over each time.
    """
    if as_json and not headless:
        raise click.UsageError("--json goes with --headless")
    folder = context.settings.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if headless:
        _headless(context, days, seed, folder, as_json)
    else:
        _page(context, seed, folder, port)


def _headless(context: Context, days: int, seed: int, folder: Path, as_json: bool) -> None:
    from bot.demo.headless import live

    with watching() as progress:
        told = live(days, seed, folder, context.settings, progress)
    if as_json:
        print_json(told)
        return
    console = out()
    console.print(f"[bold]{told['note']}[/] Seed {told['seed']}, {told['members']} members.")
    for day, beside in zip(told["days"], told["always_send"]["days"], strict=True):
        console.print(
            f"  {day['day']}  {day['openers']:>3} openers, precision {_share(day['precision'])}"
            f"   [dim]always-send: {beside['openers']:>3}, {_share(beside['precision'])}[/]"
            f"   {day['model']['version']} {'promoted' if day['model']['promoted'] else 'refused'}"
        )
    console.print(
        f"Together {told['openers_sent']} openers, precision {_share(told['precision'])};"
        f" always-send {_share(told['always_send']['precision'])}."
    )


def _share(value: float | None) -> str:
    return "  – " if value is None else f"{value:.2f}"


def _page(context: Context, seed: int, folder: Path, port: int) -> None:
    err().print("Starting… (loading the libraries takes a few seconds)")
    began = time.perf_counter()
    from bot.demo.page import Demo

    stopped = threading.Event()
    running = Demo(folder, seed, context.settings, port)
    running.open()
    out().print(f"\n  Open  {running.emulator.page_url}\n")
    model = context.settings.model
    if model.configured:
        err().print(f"Openers are written by {model.name} at {model.base_url or 'OpenAI'}.")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    worker = threading.Thread(target=_set_up, args=(running, began, stopped), daemon=True)
    worker.start()
    stopped.wait()
    err().print("Stopping…")
    worker.join()
    running.close()


def _set_up(running: object, began: float, stopped: threading.Event) -> None:
    from bot.demo.page import Demo

    assert isinstance(running, Demo)
    try:
        with watching() as progress:
            running.set_up(lambda what, share: progress(what, round(share * 100), 100))
    except Exception as error:
        err().print_exception()
        err().print(f"The demo could not be set up: {error}")
        stopped.set()
        return
    err().print(f"Ready after {time.perf_counter() - began:.0f} s. Ctrl-C stops it.")
