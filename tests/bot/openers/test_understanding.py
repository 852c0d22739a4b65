"""Replies are understood: measured on utterances that no rule was written by, and by a model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.openers.bundled import library
from bot.openers.intents import Intent, intent_of
from bot.openers.understanding import Understanding, Understood
from bot.openers.utterances import measure, read_utterances
from bot.ports import BadInput
from tests.bot.openers.scripted import ScriptedModel

DATA = Path(__file__).resolve().parents[3] / "data" / "utterances"
FLOORS = {"tuned": 0.97, "reported": 0.8}
"""the rules were written by the tuned part alone; what they are worth shows on the other"""
WORST = 0.5
"""of any one intent"""


@pytest.mark.parametrize("part", FLOORS)
def test_the_rules_are_as_good_as_they_are_said_to_be(part: str) -> None:
    found = measure(read_utterances(DATA / f"{part}.tsv"), intent_of)
    assert found.share >= FLOORS[part], found.wrong
    assert {i.value: found.of(i) for i in Intent if found.of(i) < WORST} == {}


def test_the_measure_sees_rules_that_understand_nothing() -> None:
    found = measure(read_utterances(DATA / "reported.tsv"), lambda words: Intent.OTHER)
    assert found.share < 0.1
    assert found.of(Intent.OTHER) == 1.0


def test_every_intent_is_among_the_utterances_and_none_in_both_parts() -> None:
    parts = [read_utterances(DATA / f"{part}.tsv") for part in FLOORS]
    assert sum(map(len, parts)) >= 250
    for part in parts:
        assert set(Counter(intent for intent, _ in part)) == set(Intent)
    tuned, reported = ({text.casefold() for _, text in part} for part in parts)
    assert tuned & reported == set()


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "one.tsv"
    file.write_text("yes\tsure\nmaybe\twell\n")
    with pytest.raises(BadInput, match=r"one\.tsv:2"):
        read_utterances(file)


def understood(words: str, *answers: dict[str, Any] | None) -> tuple[Understood, ScriptedModel]:
    model = ScriptedModel(answers)
    return Understanding(library(), model, 5.0).of(words), model


def test_a_model_is_asked_only_where_the_rules_see_nothing() -> None:
    found, model = understood("please stop")
    assert (found.intent, model.prompts) == (Intent.STOP, [])
    found, model = understood("it would please me greatly", {"intent": "yes"})
    assert found == Understood(Intent.YES, "it would please me greatly")
    assert len(model.prompts) == 1


def test_what_a_model_restates_is_read_by_the_rules_again() -> None:
    words = "Fridays are sacred to me"
    found, _ = understood(words, {"intent": "steer", "restated": "nothing on fridays"})
    assert found == Understood(Intent.STEER, "nothing on fridays")
    found, _ = understood(words, {"intent": "steer", "restated": "be nice"})
    assert found == Understood(Intent.OTHER, words)


@pytest.mark.parametrize("answer", [{"intent": "stop"}, {"intent": "pause"}, None])
def test_silence_is_never_a_models_choice(answer: dict[str, Any] | None) -> None:
    assert understood("my day was long", answer)[0].intent is Intent.OTHER


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (":+1:", "yes"),
        (":thumbsup::skin-tone-3:", "yes"),
        ("👍🏽", "yes"),
        (":-1:", "no"),
        (":pray:", "thanks"),
        ("Sí, por favor", "yes"),
        ("Volontiers !", "yes"),
        ("no, gracias", "no"),
        ("Non merci.", "no"),
        ("não, obrigada", "no"),
        ("Deja de escribirme", "stop"),
        ("Ne m'écrivez plus, s'il vous plaît", "stop"),
        ("não me escreva mais", "stop"),
        ("más tarde", "later"),
        ("Une personne", "person"),
        ("¿por qué?", "why"),
        ("merci beaucoup", "thanks"),
        ("Qu'est-ce que c'est, une jointure ?", "question"),
    ],
)
def test_signs_and_what_decides_in_the_languages_of_openers(words: str, wanted: str) -> None:
    assert intent_of(words).value == wanted
