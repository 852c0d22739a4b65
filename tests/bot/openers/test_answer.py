from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.openers.answer import Answerer
from bot.openers.brief import About, Answered
from bot.openers.bundled import library
from bot.openers.intents import Intent, intent_of
from bot.openers.passages import best_passage
from bot.ports import LanguageModel
from tests.bot.openers.golden import BRIEF, ITEM
from tests.bot.openers.scripted import ScriptedModel

INTENTS = {
    Intent.YES: (
        "yes", "Yes please!", "sure, tell me more", "ok", "go on", "Can you tell me more?",
        "interesting", "yeah sure why not", "👍", "show me", "I'd like that",
    ),
    Intent.NO: (
        "no", "No thanks", "Not for me, thanks", "not interested", "nah", "Not really",
        "I don't want this", "no thank you!",
    ),
    Intent.LATER: (
        "later", "not now", "maybe later", "busy right now", "tomorrow please", "I have no time",
        "Remind me", "in a meeting, later",
    ),
    Intent.STOP: (
        "stop", "STOP!", "Please stop messaging me", "unsubscribe", "don't write to me again",
        "leave me alone", "stop sending me these", "no more messages",
    ),
    Intent.PAUSE: (
        "pause", "Please pause for a week.", "pause this week, please", "take a break",
    ),
    Intent.PERSON: (
        "a person", "can I talk to a human?", "person please", "someone", "is there a real person?",
    ),
    Intent.WHY: (
        "why?", "Why this?", "why are you showing me this?", "why did you send me this",
        "how did you know that",
    ),
    Intent.THANKS: (
        "thanks", "thank you, that helped", "that solved it", "ok thanks", "perfect",
        "very helpful",
    ),
    Intent.QUESTION: (
        "how do I stop the server?", "Why does a left join keep rows?", "what is a left join",
        "thanks, but how does it work?", "is it possible to stop writing logs?", "How long?",
        "can I pause the build for a week?", "what about later versions?", "who wrote this?",
        "yes, how does it work?", "?",
    ),
    Intent.FRUSTRATED: ("still waiting", "It doesn't work!", "you already told me that"),
    Intent.STEER: ("more about SQL, nothing on Fridays", "only mornings", "no more about football"),
    Intent.REMIND: ("Remind me next week", "can you remind me on Monday?"),
    Intent.GOAL: ("I want to sleep better", "help me drink more water"),
    Intent.SAVE: ("save this", "save it for later please"),
    Intent.OTHER: ("I use postgres at home", "", "we talked about it in the team"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "reply"), [(intent, reply) for intent, said in INTENTS.items() for reply in said]
)
def test_intents(intent: Intent, reply: str) -> None:
    assert intent_of(reply) is intent


def test_every_intent_has_cases() -> None:
    assert set(INTENTS) == set(Intent)


def ask(question: str, model: LanguageModel | None = None, **changes: Any) -> Answered:
    has_person = changes.pop("has_person", False)
    history = changes.pop("history", ())
    answerer = Answerer(library(), model, 1.0, has_person=has_person)
    return answerer.answer(replace(BRIEF, **changes), history, question)


def test_yes_tells_more_in_the_items_words() -> None:
    answer = ask("yes please")
    assert (answer.source, answer.intent, answer.language_model) == ("summary", "yes", "template")
    assert answer.text.startswith(f"In its own words: “{ITEM.summary}")
    assert "Mara Lindt" in answer.text
    assert len(answer.text.split()) <= 90


def test_more_never_exceeds_ninety_words() -> None:
    long = replace(ITEM, text="It goes on and on about the same thing again. " * 60)
    assert len(ask("tell me more", item=long).text.split()) <= 90
    endless = replace(ITEM, summary="word " * 500, text="")
    assert 1 < len(ask("tell me more", item=endless).text.split()) <= 90


def test_the_best_matching_passage_answers() -> None:
    answer = ask("How much slower do writes become?")
    assert answer.source == "passage"
    assert "twelve per cent slower" in answer.text
    assert ask("how much slower do writes become?") == answer


@pytest.mark.parametrize(
    "question",
    ["Who won the football match?", "What does it cost?", "How do I bake bread?"],
)
def test_what_the_item_does_not_say_is_said_honestly(question: str) -> None:
    answer = ask(question)
    assert answer.source == "none"
    assert answer.text.startswith("The item does not say.")
    assert "person" not in answer.text
    assert "a person" in ask(question, has_person=True).text


def test_overlap_must_be_enough() -> None:
    text = "The index is sorted. Writes are slower. Bread needs flour."
    assert best_passage(text, "index", 20) is not None
    assert best_passage(text, "index of football players in Brazil", 20) is None
    assert best_passage(text, "what is it", 20) is None


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        ("no", "leave it there"),
        ("later", "another time"),
        ("stop", "not write to you again"),
        ("a person", "nobody here has been named"),
        ("why?", "because you asked about databases. You can"),
        ("thanks", "glad"),
        ("I use another database", ITEM.title),
    ],
)
def test_intents_are_answered_without_asking_a_model(reply: str, part: str) -> None:
    assert part in ask(reply).text
    if intent_of(reply) is not Intent.OTHER:
        model = ScriptedModel([])
        answer = ask(reply, model)
        assert answer.source == "intent"
        assert answer.intent == intent_of(reply).value
        assert model.prompts == []


def test_a_person_is_promised_only_where_there_is_one() -> None:
    assert "passing this on" in ask("a person", has_person=True).text
    assert "passing this on" not in ask("a person").text


def test_the_model_answers_with_history() -> None:
    model = ScriptedModel([{"text": "Drop an index that nobody uses."}])
    answer = ask("What should I drop?", model, history=(("overture", "hi"), ("member", "hm")))
    assert (answer.source, answer.language_model) == ("model", "scripted")
    assert answer.prompt_ref.startswith("responses/answer@3+")
    assert "⟦member⟧\nhm" in model.prompts[0].messages[1]["content"]


def test_numbers_of_the_question_may_be_taken_up() -> None:
    model = ScriptedModel([{"text": "The item does not compare it with 77 queries."}])
    assert ask("Is it better with 77 queries?", model).source == "model"


@pytest.mark.parametrize(
    "said",
    [
        "Ask Peter, he knows.",
        "It is 77 per cent slower.",
        "See https://evil.test for that.",
        "Ask <!channel> about the index.",
        "See [this](x) about the index.",
        "You should drop it right now.",
        "word " * 130,
    ],
)
def test_what_the_guards_refuse_becomes_a_passage(said: str) -> None:
    answer = ask("How much slower do writes become?", ScriptedModel([{"text": said}]))
    assert (answer.source, answer.fallback) == ("passage", "guards")
    assert answer.text != said


def test_a_failing_model_is_not_noticed() -> None:
    answer = ask("How much slower do writes become?", ScriptedModel([None]))
    assert (answer.source, answer.fallback) == ("passage", "model_failed")


def test_the_model_may_not_know() -> None:
    answer = ask("How much slower?", ScriptedModel([{"text": "Maybe.", "known": False}]))
    assert answer.source == "none"
    assert answer.text.startswith("The item does not say.")


def test_the_items_markup_does_not_come_through() -> None:
    item = About("thread", "t", text="Ask <@U1> or <!here> via https://evil.test/x about indexes.")
    answer = ask("indexes?", item=item)
    assert answer.source == "passage"
    assert "evil" not in answer.text
    assert "<" not in answer.text


def released(*answers: dict[str, Any] | None, question: str = "How much slower?") -> Any:
    """What was told of an answer while it was written, and the answer."""
    told: list[str] = []
    answerer = Answerer(library(), ScriptedModel(answers), 1.0)
    return told, answerer.answer(BRIEF, (), question, None, told.append)


def test_an_answer_is_let_go_sentence_by_sentence() -> None:
    told, answer = released({"text": "An index helps reads. Writes pay for it."})
    assert told == ["", "An index helps reads.", " Writes pay for it."]
    assert answer.text == "".join(told)
    assert (answer.source, answer.fallback) == ("model", "")


@pytest.mark.parametrize(
    "bad",
    [
        "It is 77 per cent slower.",
        "Ask Peter.",
        "See https://evil.test now.",
        "Ask <!here> for it.",
    ],
)
def test_a_sentence_that_is_refused_ends_the_answer_honestly(bad: str) -> None:
    told, answer = released({"text": f"An index helps reads. {bad} And more of it."})
    assert told == ["", "An index helps reads."]
    assert answer.text == f"{told[1]} {library().text('responses/rest')}"
    assert (answer.source, answer.fallback) == ("model", "guards")


def test_without_the_guards_it_would_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.openers.releasing.ANSWER_GUARDS", ())
    told, _ = released({"text": "An index helps reads. Ask Peter. He knows."})
    assert " Ask Peter." in told


def test_nothing_is_let_go_of_an_answer_that_begins_badly() -> None:
    told, answer = released({"text": "Ask Peter. He knows."}, question="writes slower?")
    assert told == [""]
    assert (answer.source, answer.fallback) == ("passage", "guards")


def test_what_is_quoted_is_judged_whole() -> None:
    quoted = f"“{ITEM.text}”"
    told, _ = released({"text": f"It helps reads. It says {quoted} That is all."})
    assert told == ["", "It helps reads.", f" It says {quoted}", " That is all."]


def test_a_stream_that_breaks_says_so_after_what_was_said() -> None:
    told, answer = released({"text": "An index helps reads. Writes pay", "breaks": True})
    assert told == ["", "An index helps reads."]
    assert answer.text == f"{told[1]} {library().text('responses/unfinished')}"


UPSET = {
    "still waiting": "left waiting",
    "it doesn't work": "does not work",
    "you already told me that": "saying it again",
    "that's not what I asked": "not what you needed",
}


@pytest.mark.parametrize(("words", "said"), UPSET.items())
def test_frustration_is_met_with_empathy_and_the_way_to_a_person(words: str, said: str) -> None:
    answer = ask(words, has_person=True)
    assert said in answer.text
    assert "A person can take it from here" in answer.text
    assert "write “" not in answer.text, "a button below it does that"
    assert "A person can take it from here" not in ask(words).text


def test_what_was_said_already_is_not_said_again() -> None:
    said = best_passage(ITEM.text, "How much slower do writes become?", 50)
    assert said is not None
    history = (("member", "How much slower do writes become?"), ("overture", said.text))
    answer = ask("you already told me that", history=history)
    assert answer.source == "passage"
    assert said.text not in answer.text
    everything = (("overture", f"{ITEM.summary} {ITEM.text}"),)
    assert "no more about it" in ask("you already told me that", history=everything).text
