"""The one way to a language model; the only importer of `openai`."""

from __future__ import annotations

from bot.ports import LanguageModel
from bot.settings import ModelSettings


def connect(settings: ModelSettings) -> LanguageModel | None:
    """The configured model, or None where templates serve. Calls nothing yet."""
    if not settings.configured:
        return None
    # Importing the client takes about a second, which nobody without a model should pay.
    from bot.llm.openai_model import OpenAIModel, quiet

    quiet()
    return OpenAIModel(settings)
