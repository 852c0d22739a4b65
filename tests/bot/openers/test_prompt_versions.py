"""A prompt's text never changes under its version, and what its file says goes with the call."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.llm.openai_model import OpenAIModel
from bot.openers.bundled import PROMPTS, library, templates
from bot.openers.compose import Composer
from bot.openers.prompts import Library
from bot.openers.styles import STYLES
from bot.ports import BadInput
from tests.bot.llm.server import serving
from tests.bot.openers.golden import BRIEF, about_kind
from tests.bot.openers.scripted import ScriptedModel
from tests.bot.openers.test_compose import BAD

VERSIONS = Path(__file__).with_name("prompt_versions.json")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)


def stated(path: Path) -> tuple[str, int]:
    """The id and version that a prompt or a file of templates gives itself."""
    source = path.read_text("utf-8")
    if path.suffix == ".yaml":
        head = yaml.safe_load(source)
        return f"template/{head['kind']}", head["version"]
    match = FRONT.match(source)
    assert match is not None, path
    head = yaml.safe_load(match[1])
    return head["id"], head["version"]


def problems(folder: Path, known: dict[str, str]) -> list[str]:
    """What of the folder is not what its versions were when they were written down."""
    found = []
    for path in sorted([*folder.rglob("*.md"), *folder.rglob("*.yaml")]):
        name, version = stated(path)
        now = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
        newest = max(
            (int(key.split("@")[1]) for key in known if key.split("@")[0] == name), default=0
        )
        written = known.get(f"{name}@{version}")
        if written is not None and written != now:
            found.append(
                f"{path.name} changed under version {version}: give it version {newest + 1}"
            )
        elif written is None:
            found.append(f'{path.name}: add "{name}@{version}": "{now}" to {VERSIONS.name}')
        elif version != newest:
            found.append(f"{path.name} went back from version {newest} to {version}")
    return found


def test_no_text_changes_under_its_version() -> None:
    assert problems(PROMPTS, json.loads(VERSIONS.read_text("utf-8"))) == []


@pytest.mark.parametrize("suffix", [".md", ".yaml"])
def test_a_change_would_be_noticed_until_it_has_a_new_version(tmp_path: Path, suffix: str) -> None:
    source = {".md": PROMPTS / "opener" / "offer.md", ".yaml": PROMPTS / "templates" / "work.yaml"}
    text = source[suffix].read_text("utf-8")
    copy = tmp_path / source[suffix].name
    name, version = stated(source[suffix])
    known = json.loads(VERSIONS.read_text("utf-8"))
    copy.write_text(text.replace("offer", "proposal", 1) if suffix == ".yaml" else text + "More.\n")
    assert problems(tmp_path, known) == [
        f"{copy.name} changed under version {version}: give it version {version + 1}"
    ]
    copy.write_text(copy.read_text("utf-8").replace(f"version: {version}", "version: 99"))
    (wanted,) = problems(tmp_path, known)
    assert f"{name}@99" in wanted
    known[f"{name}@99"] = wanted.split('"')[3]
    assert problems(tmp_path, known) == []


def test_every_prompt_of_a_model_states_its_limits_and_settings() -> None:
    told = library()
    for kind in ("shared", "opener", "repair", "answer"):
        for prompt in told.ids(kind):
            head = FRONT.match((PROMPTS / f"{prompt}.md").read_text("utf-8"))
            assert head is not None
            stated_head = yaml.safe_load(head[1])
            assert set(stated_head["limits"]) == {"words", "tokens"}, prompt
            assert "temperature" in stated_head["model"], prompt


def test_the_settings_of_the_file_are_those_of_the_call() -> None:
    with serving(lambda it: it.say(json.dumps({"text": BAD}))) as server:
        model = OpenAIModel(server.settings())
        Composer(library(), templates(), model, 5).compose(BRIEF)
    first, repair = server.requests
    for request, file in ((first, "opener/offer.md"), (repair, "repair/opener.md")):
        head = FRONT.match((PROMPTS / file).read_text("utf-8"))
        assert head is not None
        told = yaml.safe_load(head[1])
        assert request["temperature"] == told["model"]["temperature"]
        assert request["max_tokens"] == told["limits"]["tokens"]


def test_undeclared_and_unused_names_of_the_real_files_would_be_refused(tmp_path: Path) -> None:
    for file in ("shared/opener.md", "opener/offer.md"):
        target = tmp_path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((PROMPTS / file).read_text("utf-8"), "utf-8")
    assert Library.load(tmp_path).ids() == ("opener/offer", "shared/opener")
    for change, complaint in ((("tone, ", ""), "uses tone"), (("author,", "author, age,"), "age")):
        target.write_text((PROMPTS / file).read_text("utf-8").replace(*change), "utf-8")
        with pytest.raises(BadInput, match=complaint):
            Library.load(tmp_path)


@pytest.mark.parametrize("style", STYLES)
def test_each_opener_prompt_renders_each_golden_item(style: str) -> None:
    for kind in (*templates().kinds(), "recipe"):
        item = about_kind(kind)
        model = ScriptedModel([{"withhold": True}])
        Composer(library(), templates(), model, 1).compose(replace(BRIEF, item=item, style=style))
        (prompt,) = model.prompts
        said = prompt.messages[-1]["content"]
        for part in (item.title, item.summary, item.text, item.author_name, item.channel_name):
            assert part in said, (kind, part)
        assert prompt.ref.startswith(f"opener/{style}@")
        assert "{{" not in str(prompt.messages)
