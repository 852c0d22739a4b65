"""Rules that admins write: expressions over a documented set of facts, in a small safe language.

rule-engine parses and evaluates them. As it comes it is not bounded: a regular expression can run
for ever, constants are folded while it parses, built-ins read the clock. So a text is held to an
allow-list twice: its words before anything is built of them, and the nodes after. What is left is
comparison, arithmetic without powers, `and`, `or`, `not`, `in` and lists, over facts that are
gathered beforehand, the time among them.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rule_engine import Context, DataType, Rule, errors
from rule_engine import ast as nodes

from bot.policy.vocabulary import FACTS, OFFERED
from bot.ports import BadInput

LONGEST = 500
DEEPEST = 12
MOST_DIGITS = 15
"""of a number: more say nothing, and cost much"""

_WORD = re.compile(
    r"""(?P<space>[ \t]+)
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>==|!=|<=|>=|[-+*/%<>(),\[\]])""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in", "true", "false"})
_REFUSED: tuple[tuple[str, str], ...] = (
    ("**", "powers are not allowed"),
    ("=~", "regular expressions are not allowed; write `==`, or `in` with a list"),
    ("!~", "regular expressions are not allowed; write `!=`, or `not (… in […])`"),
    ("//", "write `/`"),
    ("<<", "bits cannot be shifted"),
    (">>", "bits cannot be shifted"),
    ("=", "write `==` to compare"),
    ("$", "there are no built-ins; time is a fact, such as `hour` or `date`"),
    (".", "there are no attributes; every fact stands by itself"),
    ("\\", "a text holds no backslash"),
    ("{", "there are neither sets nor comprehensions; write a list: [1, 2]"),
    ("?", "write `and` and `or`"),
    ("&", "write `and`"),
    ("|", "write `or`"),
    ("\n", "write it in one line"),
)
_NODES = (
    nodes.Statement, nodes.LogicExpression, nodes.ComparisonExpression,
    nodes.ArithmeticComparisonExpression, nodes.ArithmeticExpression, nodes.AddExpression,
    nodes.SubtractExpression, nodes.UnaryExpression, nodes.ContainsExpression,
    nodes.ArrayExpression, nodes.BooleanExpression, nodes.FloatExpression,
    nodes.StringExpression, nodes.SymbolExpression,
)  # fmt: skip
_TYPES = {
    "number": DataType.FLOAT,
    "text": DataType.STRING,
    "yes or no": DataType.BOOLEAN,
    "list of texts": DataType.ARRAY(DataType.STRING),
}


class WrongExpression(BadInput):
    """An expression that may not become a rule; says where and what to write."""

    def __init__(self, problem: str, column: int) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column
        """1-based"""


@dataclass(frozen=True)
class Expression:
    """One expression that was checked; `names` are the facts that it reads."""

    text: str
    names: frozenset[str]
    rule: Rule

    @property
    def judges_offer(self) -> bool:
        """Whether it needs to know what is offered; else it says whether to speak at all."""
        return not self.names.isdisjoint(OFFERED)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is true of these facts. Raises what the arithmetic raises."""
        return bool(self.rule.evaluate({name: facts[name] for name in self.names}))


@lru_cache(maxsize=256)
def compiled(text: str) -> Expression:
    """The expression that a text says.

    Raises:
        WrongExpression: it says something that is not allowed or not possible, and where.
    """
    places = _check_words(text)
    context = Context(
        type_resolver={name: _TYPES[fact.type] for name, fact in FACTS.items()},
        default_timezone="utc",
        decimal_context=decimal.Context(prec=28),
        resolver=lambda facts, name: facts[name],
        mapping_attribute_lookup=False,
    )
    try:
        rule = Rule(text, context)
    except (errors.EngineError, ArithmeticError, RecursionError, ValueError, TypeError) as error:
        raise _explained(error, text, places) from None
    statement = rule.statement
    depth = _depth(statement)
    if depth > DEEPEST:
        raise WrongExpression(f"it is nested {depth} deep; at most {DEEPEST} are allowed", 1)
    if statement.expression.result_type != DataType.BOOLEAN:
        raise WrongExpression("it has to say yes or no: compare something, as in `hour < 9`", 1)
    return Expression(text, frozenset(context.symbols), rule)


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str
    at: int


def _words(text: str) -> Iterator[_Word]:
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise WrongExpression(_what_instead(text, at), at + 1)
        if found.lastgroup != "space":
            yield _Word(str(found.lastgroup), found[0], at)
        at = found.end()


def _what_instead(text: str, at: int) -> str:
    for sign, advice in _REFUSED:
        if text.startswith(sign, at):
            return advice
    if text[at] in "\"'":
        return "this text does not end; close it with the same quote, in the same line"
    return f"{text[at]!r} means nothing here"


def _check_words(text: str) -> list[_Word]:
    """The words of a text, all of them allowed, before anything is built of them."""
    if not text.strip():
        raise WrongExpression("there is nothing; write a comparison, as in `hour < 9`", 1)
    if len(text) > LONGEST:
        raise WrongExpression(f"{len(text)} characters; at most {LONGEST} are allowed", LONGEST + 1)
    for at, character in enumerate(text):
        if not (character.isprintable() or character in "\t\n"):
            raise WrongExpression("this character cannot be printed, nor kept", at + 1)
    words = list(_words(text))
    open_brackets, signs = 0, 0
    for word, after in zip(words, [*words[1:], None], strict=True):
        problem = _wrong_with(word, after)
        if problem:
            raise WrongExpression(problem, word.at + 1)
        open_brackets += (word.text in ("(", "[")) - (word.text in (")", "]"))
        signs = signs + 1 if word.text in ("not", "-") else 0
        if max(open_brackets, signs) > DEEPEST:
            raise WrongExpression(f"nested too deep; at most {DEEPEST} are allowed", word.at + 1)
    return words


def _wrong_with(word: _Word, after: _Word | None) -> str:
    if word.kind == "number" and len(word.text) > MOST_DIGITS:
        return f"a number has at most {MOST_DIGITS} digits"
    if after is not None and after.at == word.at + len(word.text):
        pair = word.text[-1] + after.text[0]
        if pair in ("**", "//", "<<", ">>", "<>"):
            return next((told for sign, told in _REFUSED if sign == pair), "write `!=`")
    if word.kind != "name" or word.text in _WORDS:
        return ""
    if after is not None and after.text == "(":
        return f"{word.text}(…) would call a function, and there are none"
    if after is not None and after.text == "[":
        return f"{word.text}[…] would take a part, and there are none; write `… in {word.text}`"
    if word.text not in FACTS:
        near = [name for name in FACTS if name.startswith(word.text[:3])]
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"there is no fact {word.text!r}{hint} `overture rules facts` lists them"
    return ""


def _explained(error: Exception, text: str, words: list[_Word]) -> WrongExpression:
    """What the engine refuses, with the place in words of ours."""
    token = getattr(error, "token", None)
    if isinstance(error, errors.RuleSyntaxError):
        if token is None:
            return WrongExpression("it ends too early; something is missing", len(text) + 1)
        return WrongExpression(f"{str(token.value)!r} is not expected here", token.lexpos + 1)
    what = "this cannot be computed"
    if "type" in getattr(error, "message", str(error)):
        what = "a number, a text and a yes or no cannot be mixed; compare like with like"
    return WrongExpression(what, _first_wrong(text, words))


def _first_wrong(text: str, words: list[_Word]) -> int:
    """The column of the first comparison between `and` and `or` that cannot stand by itself."""
    starts = [0, *(w.at + len(w.text) for w in words if w.text in ("and", "or"))]
    ends = [*(w.at for w in words if w.text in ("and", "or")), len(text)]
    for start, end in zip(starts, ends, strict=True):
        part = text[start:end].strip().strip("()")
        try:
            if part and part != text:
                compiled(part)
        except WrongExpression as error:
            if "mixed" in str(error) or "computed" in str(error):
                return text.index(part, start) + 1
    return 1


def _depth(node: Any, above: Any = None) -> int:
    """How deep it is nested; a chain of `and` or of `or` counts as one. Refuses foreign nodes."""
    if not isinstance(node, _NODES):
        raise WrongExpression(f"{type(node).__name__} is not allowed", 1)
    below = [_depth(child, node) for child in _children(node)]
    chained = isinstance(node, nodes.LogicExpression) and type(above) is type(node)
    return max(below, default=0) + (0 if chained or isinstance(node, nodes.Statement) else 1)


def _children(node: Any) -> list[Any]:
    if isinstance(node, nodes.Statement):
        return [node.expression]
    if isinstance(node, nodes.ArrayExpression):
        return list(node.value)
    names = ("left", "right", "container", "member")
    return [getattr(node, name) for name in names if hasattr(node, name)]
