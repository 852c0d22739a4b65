"""MIND folders: `behaviors.tsv` and `news.tsv` in their standard layout.

The layout is that of Wu et al., "MIND: A Large-scale Dataset for News Recommendation" (ACL 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.pool.cleaning import from_html
from bot.pool.leftout import place
from bot.ports import BadInput
from recsys.evaluation.mind import Folder, Impression
from recsys.types import WHOLE_WORKSPACE, Item, ItemId, Topic

_TIME = "%m/%d/%Y %I:%M:%S %p"
_NEWS_COLUMNS, _BEHAVIOR_COLUMNS = 5, 5
SOURCE = "news"


def read(folder: Path) -> Folder:
    """Read one folder.

    Raises BadInput for a missing file and for a line that is not of the layout; names both.
    """
    items = dict(_news(folder / "news.tsv"))
    return Folder(items, tuple(_impressions(folder / "behaviors.tsv")))


def _lines(file: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(
            f"{file}: is not there; a MIND folder has it. Give another folder."
        ) from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: is not UTF-8 text ({error.reason})") from None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) < columns:
            raise BadInput(
                f"{place(str(file), number)}: has {len(cells)} columns between tabs; "
                f"the layout has at least {columns}"
            )
        yield number, cells


def _news(file: Path) -> Iterator[tuple[str, Item]]:
    for _, (news, category, subcategory, title, abstract, *_) in _lines(file, _NEWS_COLUMNS):
        topics = dict.fromkeys(name for name in (category, subcategory) if name)
        yield (
            news,
            Item(
                id=ItemId(news),
                kind="news",
                title=from_html(title),
                summary=from_html(abstract),
                topics=tuple(Topic(name) for name in topics),
                source=SOURCE,
                published=float("nan"),  # the data do not say
                audience=WHOLE_WORKSPACE,
                approved=True,
            ),
        )


def _impressions(file: Path) -> Iterator[Impression]:
    for number, (name, user, time, history, shown, *_) in _lines(file, _BEHAVIOR_COLUMNS):
        where = place(str(file), number)
        try:
            at = datetime.strptime(time, _TIME).replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise BadInput(
                f"{where}: {time!r:.40} is no time such as 11/15/2019 2:14:46 PM"
            ) from None
        candidates, clicked = [], []
        for one in shown.split():
            news, dash, label = one.rpartition("-")
            if not dash or label not in ("0", "1"):
                raise BadInput(f"{where}: {one!r:.40} is no candidate such as N123-0 or N123-1")
            candidates.append(news)
            clicked.append(label == "1")
        yield Impression(
            name, user, at, tuple(history.split()), tuple(candidates), tuple(clicked), where
        )
