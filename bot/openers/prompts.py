"""Prompts as files: front matter, Jinja2 sections, a version and a hash; checked when loaded.

A file looks like this::

    ---
    id: opener/offer
    version: 1
    kind: opener
    after: shared/opener          (optional: a prompt whose system section comes first)
    inputs: [first_name, title]
    limits: {words: 45, tokens: 300}
    model: {temperature: 0.5}
    ---
    ## system
    …
    ## user
    {{ title | fenced("title", 200) }}

The file is cut into sections before anything is rendered, so no input can open a section. Every
output must pass one of the filters `fenced` or `plain`, or come from `limits`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2

from bot.openers.prompt_files import PromptFile, check_variables, environment, read
from bot.ports import BadInput, Prompt
from bot.text import plain


class Library:
    """All prompts of a folder, by id."""

    def __init__(self, prompts: Mapping[str, PromptFile]) -> None:
        self._prompts = prompts

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Read every ``.md`` file below `folder`.

        Raises:
            BadInput: a file is not what a prompt should be; names the file and what to do.
        """
        files = sorted(folder.rglob("*.md"))
        if not files:
            raise BadInput(f"{folder}: no prompt (.md) found. Point to the folder of prompts.")
        sandbox = environment()
        found: dict[str, PromptFile] = {}
        for path in files:
            loaded = read(path, sandbox)
            if loaded.head.id in found:
                raise BadInput(
                    f"{path}: id {loaded.head.id!r} is also that of "
                    f"{found[loaded.head.id].path}. Give each prompt its own."
                )
            found[loaded.head.id] = loaded
        for loaded in found.values():
            check_variables(loaded, found)
        return cls(found)

    def ids(self, kind: str | None = None) -> tuple[str, ...]:
        """Ids in order, of one kind or of all."""
        return tuple(
            key for key, it in sorted(self._prompts.items()) if kind in (None, it.head.kind)
        )

    def inputs(self, prompt_id: str) -> tuple[str, ...]:
        """Names that `render` wants for this prompt."""
        return self._get(prompt_id).head.inputs

    def ref(self, prompt_id: str) -> str:
        """``id@version+hash``; the hash is that of the file, and of the one it comes after."""
        loaded = self._get(prompt_id)
        digest = hashlib.blake2b(loaded.source.encode(), digest_size=4)
        if loaded.head.after:
            digest.update(self._get(loaded.head.after).source.encode())
        return f"{loaded.head.id}@{loaded.head.version}+{digest.hexdigest()}"

    def render(self, prompt_id: str, **inputs: object) -> Prompt:
        """The prompt with its inputs put in.

        Raises:
            BadInput: an input is missing or not declared, or there is no such prompt.
        """
        loaded = self._get(prompt_id)
        _check_inputs(loaded, inputs)
        return Prompt(
            ref=self.ref(prompt_id),
            messages=tuple(self._messages(loaded, inputs)),
            max_tokens=loaded.head.limits.tokens,
            temperature=loaded.head.model.temperature,
        )

    def text(self, prompt_id: str, **inputs: object) -> str:
        """What a file of kind ``text`` says: a message of our own that no model touches.

        Raises:
            BadInput: as for `render`.
        """
        (message,) = self.render(prompt_id, **inputs).messages
        return "\n\n".join(plain(part) for part in message["content"].split("\n\n"))

    def _messages(
        self, loaded: PromptFile, inputs: Mapping[str, object]
    ) -> Iterator[Mapping[str, str]]:
        values = {**inputs, "limits": loaded.head.limits.model_dump()}
        prefix = ""
        if loaded.head.after:
            prefix = _draw(dict(self._get(loaded.head.after).sections)["system"], values) + "\n\n"
        for role, template in loaded.sections:
            content = _draw(template, values)
            if role == "system":
                content = prefix + content
            yield {"role": "assistant" if role == "text" else role, "content": content}

    def _get(self, prompt_id: str) -> PromptFile:
        try:
            return self._prompts[prompt_id]
        except KeyError:
            raise BadInput(
                f"no prompt {prompt_id!r}; there are: {', '.join(sorted(self._prompts))}"
            ) from None


def _draw(template: jinja2.Template, values: Mapping[str, object]) -> str:
    return template.render(values).strip()


def _check_inputs(loaded: PromptFile, given: Mapping[str, Any]) -> None:
    declared = set(loaded.head.inputs)
    if missing := sorted(declared - set(given)):
        raise BadInput(f"prompt {loaded.head.id}: not given: {', '.join(missing)}")
    if unknown := sorted(set(given) - declared):
        raise BadInput(f"prompt {loaded.head.id}: does not take: {', '.join(unknown)}")
