"""Openers without a model: templates by kind of item, chosen by a seed, checked like any other.

``prompts/templates/<kind>.yaml`` holds the templates of a kind. A kind without a file takes
those of ``other``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import jinja2
import yaml
from jinja2 import meta
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.openers.brief import Brief
from bot.openers.guards import OpenerFacts, is_ask, passes
from bot.openers.prompt_files import environment
from bot.openers.styles import STYLES
from bot.ports import BadInput
from bot.text import INNER_QUOTES, sentences, truncate_words, word_count

OTHER = "other"
FEWEST_WORDS = 15
FEWEST_TEMPLATES = 5
_GIST_WORDS, _CUT_WORDS, _SHORT_WORDS, _SENTENCES = 28, 20, 22, 6
_FEWEST_CUT_WORDS, _FEWEST_EXCERPT_WORDS = 8, 4
_TITLE_WORDS, _EXCERPT_WORDS = 16, 16
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|he|she|there|here|and|but|so|or|then|such|both"
    r"|one|another|others?|some|in (?:it|this|that)|the (?:same|other|result))\b",
    re.IGNORECASE,
)
"""How a sentence begins that needs the one before it."""
_VALUES = ("first_name", "title", "gist", "topic", "channel", "author", "asked", "excerpt", "why")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z_]+$")
    style: str
    text: str
    needs: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str
    version: int = Field(ge=1)
    templates: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class OpenerTemplate:
    """One way to open about items of one kind."""

    ref: str
    """template/kind/id@version+hash"""
    kind: str
    style: str
    needs: frozenset[str]
    """values without which it does not serve"""
    body: jinja2.Template


class Templates:
    """All templates of a folder, by kind."""

    def __init__(self, by_kind: Mapping[str, tuple[OpenerTemplate, ...]]) -> None:
        self._by_kind = by_kind

    @classmethod
    def load(cls, folder: Path) -> Templates:
        """Read every ``.yaml`` file in `folder`.

        Raises:
            BadInput: a file is not what it should be, a kind has too few templates, a template
                uses an unknown variable, or ``other`` is missing.
        """
        sandbox = environment()
        files = sorted(folder.glob("*.yaml"))
        loaded = [_read(path, sandbox) for path in files]
        by_kind = {templates[0].kind: templates for templates in loaded}
        if OTHER not in by_kind:
            raise BadInput(f"{folder}: no {OTHER}.yaml; items of other kinds need it. Add one.")
        return cls(by_kind)

    def kinds(self) -> tuple[str, ...]:
        """Kinds that have templates of their own."""
        return tuple(sorted(self._by_kind))

    def of(self, kind: str) -> tuple[OpenerTemplate, ...]:
        """Templates for items of `kind`."""
        return self._by_kind.get(kind, self._by_kind[OTHER])

    def compose(self, brief: Brief) -> tuple[str, OpenerTemplate] | None:
        """Text of, and the first template, in the order of choice, that the guards let pass.

        Args:
            brief: cleaned.

        Returns:
            None when no template gives 15 to 45 grounded words about this item.
        """
        facts = OpenerFacts.of(brief)
        for template, values in self._tries(brief):
            text = _filled(template, values)
            if text and word_count(text) >= FEWEST_WORDS and passes(text, facts):
                return text, template
        return None

    def _tries(self, brief: Brief) -> Iterator[tuple[OpenerTemplate, Mapping[str, str]]]:
        ordered = self.ordered(brief)
        wished = [template for template in ordered if template.style == brief.style]
        others = [template for template in ordered if template.style != brief.style]
        for group, tier in product((wished, others), _tiers(brief)):
            unseen = [template for template in group if template.ref not in brief.recent]
            seen = [template for template in group if template.ref in brief.recent]
            # What is said about the item matters more than which frame holds it.
            for values, template in product(tier, unseen):
                yield template, values
            for template, values in product(seen, tier):
                yield template, values

    def ordered(self, brief: Brief) -> tuple[OpenerTemplate, ...]:
        """Templates for `brief`, best first.

        The wished style comes first, for its choice was logged with its probability; within it,
        what the member saw lately comes last, and a template that says what the item is about
        before one that only names it; the seed decides the rest.
        """

        def key(template: OpenerTemplate) -> tuple[bool, int, bool, bytes]:
            seen = _last_seen(template.ref, brief.recent)
            silent = not template.needs & {"gist", "excerpt"}
            lot = hashlib.blake2b(f"{brief.seed}|{template.ref}".encode(), digest_size=8)
            return template.style != brief.style, seen, silent, lot.digest()

        return tuple(sorted(self.of(brief.item.kind), key=key))


def _filled(template: OpenerTemplate, values: Mapping[str, str]) -> str:
    if not all(values[name] for name in template.needs):
        return ""
    return " ".join(template.body.render(values).split())


def _last_seen(ref: str, recent: Sequence[str]) -> int:
    """0 for never, more the later it was seen."""
    return max((place for place, seen in enumerate(recent, start=1) if seen == ref), default=0)


def _tiers(brief: Brief) -> tuple[tuple[Mapping[str, str], ...], ...]:
    """What a template may use: with each good sentence, with the title alone, with a cut one."""
    item = brief.item
    title = truncate_words(item.title, _TITLE_WORDS).translate(INNER_QUOTES).rstrip(".,;: ")
    excerpt = _excerpt(item.title)
    values = {
        "first_name": brief.member_first_name,
        "title": title,
        "topic": item.topics[0].replace("-", " ").replace("_", " ") if item.topics else "",
        "channel": item.channel_name,
        "author": item.author_name,
        "asked": "asked" if "?" in excerpt else "wrote",
        "excerpt": excerpt,
        "why": brief.why,
    }
    *whole, cut = _gists(item.summary) or _gists(item.text) or ("",)
    good = tuple({**values, "gist": gist} for gist in whole)
    return good, ({**values, "gist": ""},), ({**values, "gist": cut},)


def _excerpt(title: str) -> str:
    """The part of a message that says most: its first real question, else its beginning."""
    pieces = [piece for piece in sentences(title) if word_count(piece) >= _FEWEST_EXCERPT_WORDS]
    questions = [piece for piece in pieces if piece.endswith("?")]
    chosen = next(iter((*questions, *pieces)), "")
    return truncate_words(chosen, _EXCERPT_WORDS).translate(INNER_QUOTES)


def _gists(text: str) -> tuple[str, ...]:
    """What can say in an opener what the item is about, best first.

    A short text as a whole; its first sentence; later ones that stand by themselves. Always
    last: the first one shortened.
    """
    every = sentences(text)[:_SENTENCES]
    whole = [piece for piece in every if not is_ask(piece)]
    if not whole:
        return ()
    found = []
    if len(whole) == len(every) > 1 and word_count(text) <= _SHORT_WORDS:
        found.append(text)
    if word_count(whole[0]) <= _GIST_WORDS:
        found.append(_ended(whole[0]))
    found += [_ended(piece) for piece in whole[1:] if _stands_alone(piece)]
    return (*dict.fromkeys(found), _cut(whole[0]))


def _cut(sentence: str) -> str:
    """The beginning of a long sentence, up to where it draws breath if that is not too early."""
    head = truncate_words(sentence, _CUT_WORDS)
    breath = max(head.rfind(mark) for mark in (", ", "; ", ": ", " – "))
    if head != sentence and word_count(head[: max(breath, 0)]) >= _FEWEST_CUT_WORDS:
        return head[:breath].rstrip() + "…"
    return head


def _stands_alone(sentence: str) -> bool:
    return 7 <= word_count(sentence) <= _GIST_WORDS and not _LEANS.match(sentence)


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in '.!?…”’")' else sentence.rstrip(",;:-–— ") + "."


def _read(path: Path, sandbox: jinja2.Environment) -> tuple[OpenerTemplate, ...]:
    source = path.read_text(encoding="utf-8")
    try:
        file = _File.model_validate(yaml.safe_load(source))
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: not valid YAML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, it['loc'])) or 'file'}: {it['msg']}" for it in error.errors()
        )
        raise BadInput(f"{path}: {problems}") from None
    if file.kind != path.stem:
        raise BadInput(f"{path}: kind is {file.kind!r}. Name the file {file.kind}.yaml.")
    if len(file.templates) < FEWEST_TEMPLATES:
        raise BadInput(f"{path}: a kind needs at least {FEWEST_TEMPLATES} templates. Add some.")
    ids = [entry.id for entry in file.templates]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BadInput(f"{path}: used twice as an id: {', '.join(twice)}. Rename one.")
    return tuple(_template(path, file, entry, sandbox) for entry in file.templates)


def _template(
    path: Path, file: _File, entry: _Entry, sandbox: jinja2.Environment
) -> OpenerTemplate:
    where = f"{path}, template {entry.id}"
    if entry.style not in STYLES:
        raise BadInput(f"{where}: style {entry.style!r} is none of {', '.join(STYLES)}.")
    try:
        names = meta.find_undeclared_variables(sandbox.parse(entry.text))
        body = sandbox.from_string(entry.text)
    except jinja2.TemplateError as error:
        raise BadInput(f"{where}: {error}") from None
    if unknown := sorted((names | set(entry.needs)) - set(_VALUES)):
        raise BadInput(
            f"{where}: unknown variables: {', '.join(unknown)}; there are: {', '.join(_VALUES)}."
        )
    digest = hashlib.blake2b(entry.text.encode(), digest_size=4).hexdigest()
    ref = f"template/{file.kind}/{entry.id}@{file.version}+{digest}"
    return OpenerTemplate(ref, file.kind, entry.style, frozenset(names | set(entry.needs)), body)
