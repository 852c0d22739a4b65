"""Every reason for silence can be said in words."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import get_args, get_type_hints

from bot.deciding import judging
from bot.openers.brief import Withheld
from bot.policy import reach, rules
from bot.policy.words import SILENCES, in_words
from bot.policy.written import REASON


def reasons_of_rules() -> Iterator[str]:
    """The strings that `refuses` of any rule can return."""
    source = inspect.getsource(reach) + inspect.getsource(rules).partition("import annotations")[2]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == "refuses":
            for returned in (one for one in ast.walk(node) if isinstance(one, ast.Return)):
                yield from _said(returned.value)


def reasons_of_shares() -> set[str]:
    """What is counted once more while an opener is queued, see `bot.deciding.judging.caps`."""
    said = {
        word
        for node in ast.walk(ast.parse(inspect.getsource(judging.caps)))
        if isinstance(node, ast.IfExp)
        for word in _said(node)
    }
    return said - {""}


def _said(value: ast.expr | None) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _said(value.body)
        yield from _said(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def test_every_reason_has_words_and_no_words_are_left_over() -> None:
    of_rules = set(reasons_of_rules()) | {REASON}  # both rules of admins give the same
    assert len(of_rules) >= len((*rules.REACH_RULES, *rules.OFFER_RULES)) - 1
    of_composer = set(get_args(get_type_hints(Withheld)["reason"]))
    assert of_composer
    assert set(SILENCES) == of_rules | reasons_of_shares() | of_composer


def test_words_are_words() -> None:
    for reason in SILENCES:
        assert in_words(reason) == SILENCES[reason]
        assert "_" not in in_words(reason)
        assert len(set(SILENCES.values())) == len(SILENCES)
    assert in_words("made_up_elsewhere") == "made up elsewhere"
    assert in_words("admin_rule:no_mornings") == f"{SILENCES['admin_rule']} (no_mornings)"
