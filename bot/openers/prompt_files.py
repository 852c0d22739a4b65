"""One prompt file: read, cut into sections, and refused by name when anything is off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
import yaml
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.ports import BadInput
from bot.text import plain, truncate

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.S)
_SECTION = re.compile(r"^## (system|user|text)[ \t]*$", re.M)
_OPEN, _CLOSE = "⟦", "⟧"
_NO_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}
_FILTERS = frozenset({"fenced", "plain"})


class Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    words: int = Field(45, ge=1)
    tokens: int = Field(300, ge=1)


class ModelOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    temperature: float = Field(0.4, ge=0, le=2)


class Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z_]+(/[a-z_]+)*$")
    version: int = Field(ge=1)
    kind: str
    after: str | None = None
    inputs: tuple[str, ...] = ()
    limits: Limits = Limits()
    model: ModelOptions = ModelOptions()


@dataclass(frozen=True, slots=True)
class PromptFile:
    head: Head
    path: Path
    source: str
    sections: tuple[tuple[str, jinja2.Template], ...]
    names: frozenset[str]


def fenced(value: object, label: str, limit: int = 600) -> str:
    """Untrusted text between marks that it cannot write itself, plain and bounded."""
    text, label = (plain(part).translate(_NO_MARKS) for part in (str(value), label))
    return f"{_OPEN}{label}{_CLOSE}\n{truncate(text, limit)}\n{_OPEN}end of {label}{_CLOSE}"


def environment() -> jinja2.Environment:
    """A sandbox in which a template can only put its inputs into its text."""
    sandbox = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=False
    )
    sandbox.filters["fenced"] = fenced
    sandbox.filters["plain"] = lambda value, limit=400: plain(str(value), limit)
    sandbox.globals.clear()
    return sandbox


def read(path: Path, sandbox: jinja2.Environment) -> PromptFile:
    source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    match = _FRONT.match(source)
    if not match:
        raise BadInput(f"{path}: should begin with front matter between two lines of ---.")
    try:
        head = Head.model_validate(yaml.safe_load(match[1]))
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: front matter is not valid YAML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, it['loc'])) or 'front matter'}: {it['msg']}"
            for it in error.errors()
        )
        raise BadInput(f"{path}: {problems}") from None
    parts = _SECTION.split(match[2])
    if parts[0].strip() or len(parts) < 3:
        raise BadInput(f"{path}: the body should be sections: ## system and ## user, or ## text.")
    sections, names = [], set[str]()
    for role, body in zip(parts[1::2], parts[2::2], strict=True):
        try:
            tree = sandbox.parse(body)
            template = sandbox.from_string(body)
        except jinja2.TemplateError as error:
            raise BadInput(f"{path}, section {role}: {error}") from None
        _check_outputs(path, tree)
        names |= meta.find_undeclared_variables(tree)
        sections.append((role, template))
    return PromptFile(head, path, source, tuple(sections), frozenset(names))


def _check_outputs(path: Path, tree: nodes.Template) -> None:
    """Refuse an output that puts a value into the text as it came."""
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData) or _is_limit(node):
                continue
            if not (isinstance(node, nodes.Filter) and node.name in _FILTERS):
                raise BadInput(
                    f"{path}: an output passes neither of the filters "
                    f'{", ".join(sorted(_FILTERS))}; untrusted text must. Add `| fenced("…")`.'
                )


def _is_limit(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.Getattr)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "limits"
    )


def check_variables(loaded: PromptFile, others: Mapping[str, PromptFile]) -> None:
    used = set(loaded.names)
    if loaded.head.after:
        if loaded.head.after not in others:
            raise BadInput(f"{loaded.path}: comes after {loaded.head.after!r}, which is no prompt.")
        used |= others[loaded.head.after].names
    used.discard("limits")
    declared = set(loaded.head.inputs)
    if undeclared := sorted(used - declared):
        raise BadInput(
            f"{loaded.path}: uses {', '.join(undeclared)} without declaring it under inputs."
        )
    if unused := sorted(declared - used):
        raise BadInput(
            f"{loaded.path}: declares {', '.join(unused)} under inputs and never uses it."
        )
