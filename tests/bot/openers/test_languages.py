"""Openers in other languages than English: held to at least what English is held to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from bot.openers.brief import Brief, Composed
from bot.openers.bundled import library, templates
from bot.openers.compose import TONES, Composer
from bot.openers.guards import MODEL_GUARDS, OpenerFacts, check
from bot.openers.languages import LANGUAGES, language_of
from bot.wording import CHECKED, Tone
from tests.bot.openers.golden import BRIEF
from tests.bot.openers.scripted import ScriptedModel

GOOD = {
    "es": "Ana, un índice ayuda cuando la pregunta empieza por su primera columna, y hace más lenta"
    " cada escritura. Mara Lindt midió cuarenta consultas en junio. ¿Quieres que te cuente más?",
    "fr": "Ana, un index aide quand la question commence par sa première colonne, mais il ralentit"
    " un peu chaque écriture. L'index est trié, comme dans un livre. Je peux en dire plus.",
    "pt": "Ana, um índice ajuda quando a pergunta começa pela sua primeira coluna, mas torna cada"
    " escrita um pouco mais lenta. Posso contar mais, se quiser.",
}
BAD = {
    "es": {
        "Un índice ayuda en cuarenta y una consultas. ¿Quieres más?": "number_not_in_item",
        "Un índice ayuda al 40 por ciento de la gente. ¿Quieres más?": "number_not_in_item",
        "Un índice ayuda desde julio a todo. ¿Quieres más?": "date_not_in_item",
        "Un índice ayuda, y lo dijo ayer la gente. ¿Quieres más?": "date_not_in_item",
        "Un índice ayuda a Pedro con lo que hace. ¿Quieres más?": "name_not_in_item",
        "No esperes, un índice ayuda con todo esto. ¿Quieres más?": "urgency",
        "Todavía no has leído lo que es un índice. ¿Quieres más?": "guilt",
        "Eres brillante, y un índice ayuda en todo. ¿Quieres más?": "flattery",
        "Un índice es una oferta para ti y los tuyos. ¿Quieres más?": "selling",
        "Un índice ayuda. Instala el de la nota. ¿Quieres más?": "demand",
        "Tu jefe piensa que un índice no es para ti. ¿Quieres más?": "claim_about_others",
        "Mara está preocupada por lo que hace un índice. ¿Quieres más?": "claim_about_others",
        "Estás agotada, y un índice ayuda en todo. ¿Quieres más?": "claim_about_reader",
        "Un índice ayuda en lo que haces con la nota.": "no_question_or_offer",
        "Un índice ayuda en https://evil.test. ¿Quieres más?": "link",
        "Un índice ayuda a <!channel> en lo que hace. ¿Quieres más?": "mention",
    },
    "fr": {
        "Un index aide dans quarante et une des questions. Je continue?": "number_not_in_item",
        "Un index aide depuis juillet dans tout. Je peux en dire plus.": "date_not_in_item",
        "Un index aide depuis hier dans tout. Je peux en dire plus.": "date_not_in_item",
        "Un index aide aussi Pierre dans tout. Je peux en dire plus.": "name_not_in_item",
        "Un index aide, et c'est urgent. Je peux en dire plus.": "urgency",
        "Vous devriez lire ce qui est dans la note. Je peux en dire plus.": "guilt",
        "Vous êtes brillante, et un index aide. Je peux en dire plus.": "flattery",
        "Un index est incontournable pour vous. Je peux en dire plus.": "selling",
        "Un index aide. Installez ce qui est là. Je peux en dire plus.": "demand",
        "Votre chef pense que c'est utile pour vous. Je peux en dire plus.": "claim_about_others",
        "Mara est inquiète pour un index. Je peux en dire plus.": "claim_about_others",
        "Vous semblez épuisée par tout ce qui est là. Je peux en dire plus.": "claim_about_reader",
    },
    "pt": {
        "Um índice ajuda em quarenta e uma das perguntas. Posso contar mais.": "number_not_in_item",
        "Um índice ajuda desde julho em tudo. Posso contar mais.": "date_not_in_item",
        "Um índice ajuda desde ontem em tudo. Posso contar mais.": "date_not_in_item",
        "Um índice ajuda o Pedro em tudo isso. Posso contar mais.": "name_not_in_item",
        "Um índice ajuda, e é urgente para você. Posso contar mais.": "urgency",
        "Você deve ler o que está na nota. Posso contar mais.": "guilt",
        "Você é brilhante, e um índice ajuda. Posso contar mais.": "flattery",
        "Um índice é imperdível para o que faz. Posso contar mais.": "selling",
        "Um índice ajuda. Instale o que está na nota. Posso contar mais.": "demand",
        "O seu chefe acha que um índice não é para si. Posso contar mais.": "claim_about_others",
        "Mara está preocupada com o índice. Posso contar mais.": "claim_about_others",
        "Você parece cansada de tudo o que está aqui. Posso contar mais.": "claim_about_reader",
    },
}


def brief(language: str, **more: Any) -> Brief:
    return replace(BRIEF, language=language, **more)


def test_the_languages_of_the_settings_are_those_that_can_be_checked() -> None:
    assert set(LANGUAGES) == {"en", *CHECKED} == {"en", *GOOD} == {"en", *BAD}
    assert set(TONES) == set(get_args(Tone))


@pytest.mark.parametrize("code", CHECKED)
def test_a_good_opener_of_a_model_passes_in_each_language(code: str) -> None:
    model = ScriptedModel([{"text": GOOD[code]}])
    made = Composer(library(), templates(), model, 1).compose(brief(code))
    assert isinstance(made, Composed)
    assert (made.text, made.fallback, made.repaired) == (GOOD[code], "", False)
    assert f"In {LANGUAGES[code].name}," in model.prompts[0].messages[0]["content"]


@pytest.mark.parametrize("code", CHECKED)
def test_what_is_refused_in_english_is_refused_there(code: str) -> None:
    facts = OpenerFacts.of(brief(code))
    for text, reason in BAD[code].items():
        assert reason in {it.reason for it in check(text, facts, MODEL_GUARDS)}, text


@pytest.mark.parametrize("code", CHECKED)
def test_what_english_refuses_is_refused_in_every_language(code: str) -> None:
    facts = OpenerFacts.of(brief(code))
    english = "Hurry, an index helps Peter, who asked for 99. Shall I go on?"
    found = {it.reason for it in check(english, facts, MODEL_GUARDS)}
    assert found >= {"urgency", "name_not_in_item", "number_not_in_item", "other_language"}


def test_another_language_than_was_asked_for_is_refused() -> None:
    """Its lists are not those that it would be held to: nobody knows what it says."""
    german = "Ein Index hilft, wenn die Frage mit der ersten Spalte beginnt. Soll ich mehr sagen?"
    for code in LANGUAGES:
        facts = OpenerFacts.of(brief(code))
        for other, text in {**GOOD, "de": german}.items():
            reasons = {it.reason for it in check(text, facts, MODEL_GUARDS)}
            assert ("other_language" in reasons) is (other != code), (code, other)


def test_the_tongue_of_the_item_is_known_where_its_numbers_are_in_words() -> None:
    item = replace(BRIEF.item, title="Índices", summary="", text="Se midieron cuarenta consultas "
                   "en junio, y cada una de ellas fue más lenta que la otra.")  # fmt: skip
    facts = OpenerFacts.of(replace(BRIEF, item=item))
    assert check("They measured 40 of them in June. Shall I go on?", facts) == ()
    assert check("They measured 41 of them in July. Shall I go on?", facts) != ()
    assert language_of("1 2 3") is None


def test_a_tone_is_told_to_the_model() -> None:
    for tone, words in TONES.items():
        model = ScriptedModel([{"withhold": True}])
        Composer(library(), templates(), model, 1).compose(brief("en", tone=tone))
        assert f"Tone: {words}." in model.prompts[0].messages[0]["content"]


def test_templates_stay_english_whatever_the_language() -> None:
    made = Composer(library(), templates(), None, 1).compose(brief("es"))
    assert isinstance(made, Composed)
    assert language_of(made.text) is LANGUAGES["en"]
