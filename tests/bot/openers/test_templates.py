from __future__ import annotations

import difflib
import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from bot.openers.brief import About, Brief, Composed
from bot.openers.bundled import PROMPTS, library, templates
from bot.openers.compose import Composer
from bot.openers.guards import OpenerFacts, check, register
from bot.openers.styles import STYLES, suited
from bot.openers.templates import OpenerTemplate, Templates
from bot.ports import BadInput
from bot.wording import Tone
from tests.bot.openers.golden import BRIEF, about_kind, pool

KINDS = ("learning", "work", "news", "health", "thread", "reminder", "goal", "other")
ALL = [(kind, template) for kind in KINDS for template in templates().of(kind)]
FORTY = 40


def test_each_kind_has_templates_of_its_own() -> None:
    assert templates().kinds() == tuple(sorted(KINDS))
    for kind in KINDS:
        found = templates().of(kind)
        assert len(found) >= 5
        for style in suited(kind):
            assert style in {it.style for it in found}, (kind, style)
    loaded = templates()
    assert loaded.of("recipe") == loaded.of("other")
    assert {it.style for _, it in ALL} == set(STYLES)


@pytest.mark.parametrize(("kind", "template"), ALL, ids=lambda it: getattr(it, "ref", it))
def test_each_template_alone_makes_a_good_opener(kind: str, template: OpenerTemplate) -> None:
    alone = Templates({"other": (template,)})
    brief = replace(BRIEF, item=about_kind(kind), style=template.style).cleaned()
    composed = alone.compose(brief)
    assert composed is not None, template.ref
    text, used = composed
    assert used is template
    assert 15 <= len(text.split()) <= 45
    assert check(text, OpenerFacts.of(brief)) == ()
    assert re.fullmatch(r"template/\w+/\w+@[1-9]\d*\+[0-9a-f]{8}", template.ref)


@pytest.mark.parametrize("tone", get_args(Tone))
def test_each_kind_opens_in_every_tone_and_suited_style(tone: str) -> None:
    composer = Composer(library(), templates(), None, 1)
    for kind in KINDS:
        for style in suited(kind):
            brief = replace(BRIEF, item=about_kind(kind), style=style, tone=tone)
            made = composer.compose(brief)
            assert isinstance(made, Composed), (kind, style)
            assert made.style == style, (kind, style)
            assert not list(register(made.text, OpenerFacts.of(brief.cleaned())))


def test_the_seed_decides_and_what_was_seen_is_avoided() -> None:
    loaded = templates()
    one = loaded.compose(BRIEF)
    assert one == loaded.compose(BRIEF)
    seeds = {loaded.compose(replace(BRIEF, seed=str(n))) for n in range(30)}
    assert len(seeds) > 2
    assert one is not None
    again = loaded.compose(replace(BRIEF, recent=(one[1].ref,)))
    assert again is not None
    assert again[1] is not one[1]
    assert again[1].style == BRIEF.style


def test_a_follow_up_needs_a_reason() -> None:
    told = templates().compose(replace(BRIEF, style="follow_up"))
    assert told is not None
    assert told[1].style == "follow_up"
    untold = templates().compose(replace(BRIEF, style="follow_up", why=""))
    assert untold is not None
    assert untold[1].style != "follow_up"


def test_forty_in_a_row_do_not_read_alike_and_are_grounded() -> None:
    composer = Composer(library(), templates(), None, 1)
    items = pool()
    assert len(items) >= 240
    step = next(it for it in (41, 43, 47) if len(items) % it)
    chosen = [items[(place * step) % len(items)] for place in range(FORTY)]
    assert {it.kind for it in chosen} >= {"learning", "work", "news", "health"}
    texts: list[str] = []
    recent: list[str] = []
    for place, item in enumerate(chosen):
        style = suited(item.kind)[place % len(suited(item.kind))]
        why = "because you asked about something near it"
        brief = Brief("Ana", item, style, why, f"m|{place}", tuple(recent[-12:]))
        composed = composer.compose(brief)
        assert isinstance(composed, Composed), item.title
        assert ungrounded(composed.text, item) == [], composed.text
        texts.append(composed.text)
        recent.append(composed.prompt_ref)
    alike = [
        (one, other)
        for one, other in itertools.combinations(texts, 2)
        if difflib.SequenceMatcher(None, one, other).ratio() > 0.8
    ]
    assert alike == []


def test_every_item_of_the_pool_has_an_opener_in_every_style() -> None:
    composer = Composer(library(), templates(), None, 1)
    for item in pool():
        for style in STYLES:
            composed = composer.compose(Brief("Ana", item, style, "because you asked", item.title))
            assert isinstance(composed, Composed), (item.title, style)
            assert ungrounded(composed.text, item) == [], composed.text


def ungrounded(text: str, item: About) -> list[str]:
    """Digits, and capitals inside sentences, that the item does not have: found without guards."""
    said = f"{item.title} {item.summary} {item.text} {' '.join(item.topics)} Ana I"
    known = {word.strip(".,;:!?“”‘’\"'()").removesuffix("'s") for word in said.split()}
    known |= {part for word in known for part in word.split("-")}
    wrong = [number for number in re.findall(r"\d+", text) if number not in said]
    for before, word in itertools.pairwise(re.findall(r"[^\s]+", text)):
        bare = word.strip(".,;:!?“”‘’\"'()…").removesuffix("'s")
        begins = before.rstrip("”’\"')").endswith((".", "!", "?", "…")) or word[0] in "“‘\"'("
        if bare[:1].isupper() and not begins and bare not in known:
            wrong.append(bare)
    return wrong


def test_the_independent_check_finds_what_is_invented() -> None:
    """The negative control of the two tests above."""
    item = about_kind("learning")
    assert ungrounded("It was measured by Peter in June, Ana.", item) == ["Peter"]
    assert ungrounded("It has 41 of them.", item) == ["41"]


def test_what_is_too_bare_or_hostile_is_not_offered() -> None:
    empty = replace(BRIEF, item=About("thread", "ok"))
    assert templates().compose(empty.cleaned()) is None
    shouting = replace(
        BRIEF,
        item=About("thread", "Does anyone know about this one?", author_name="URGENT Click Here"),
    )
    composed = templates().compose(shouting.cleaned())
    assert composed is not None
    assert "URGENT" not in composed[0]


GOOD = "kind: other\nversion: 1\ntemplates:\n" + "".join(
    f"  - {{id: t{letter}, style: offer, text: 'Hello {{{{ title }}}}'}}\n" for letter in "abcde"
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title", "salary"), "unknown variables: salary"),
        (("style: offer", "style: shout"), "style 'shout' is none of"),
        (("id: tb", "id: ta"), "used twice as an id: ta"),
        (("kind: other", "kind: work"), r"Name the file work\.yaml"),
        (("  - {id: ta", "#  - {id: ta"), "at least 5 templates"),
        (("version: 1", "version: one"), "version"),
        (("kind: other", "kind: [other"), "not valid YAML"),
        (("{{ title }}", "{{ title"), "template ta"),
    ],
)
def test_a_bad_file_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(Templates.load(tmp_path).of("x")) == 5
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(BadInput, match=complaint) as caught:
        Templates.load(tmp_path)
    assert "other.yaml" in str(caught.value)


def test_other_is_needed(tmp_path: Path) -> None:
    source = PROMPTS / "templates" / "work.yaml"
    (tmp_path / "work.yaml").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(BadInput, match="other"):
        Templates.load(tmp_path)
