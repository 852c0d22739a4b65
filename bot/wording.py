"""The slice of the settings that says how openers sound, and what has to stand beside them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from bot.slices import Slice, listed

CHECKED = ("es", "fr", "pt")
"""Languages beside English whose words `bot/openers/languages` knows well enough to check."""

Tone = Literal["plain", "warm", "formal"]
"""how we sound: without any ornament, as a colleague, or as a letter"""


class OpenerSettings(Slice):
    """How openers sound, and what else has to stand beside them."""

    tone: Tone = Field("warm", description="how openers sound: plain, warm or formal")
    tones: dict[str, Tone] = Field(
        {}, description='another tone for a channel of delivery, such as {"slack": "plain"}'
    )
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("es", "fr", "pt"),
        description="languages beside English that the model may write to members in, whose Slack"
        " is in them; in a variable separated by commas",
    )
    sensitive: Annotated[tuple[str, ...], NoDecode] = Field(
        ("health",),
        description="topics and kinds of items, beside the topics marked so, that are brought only"
        " to members who follow them; in a variable separated by commas",
    )
    compliance: dict[str, str] = Field(
        {}, description="a line that stands under every opener about a topic, by the topic's slug"
    )

    @field_validator("languages", "sensitive", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return listed(value)

    @field_validator("languages")
    @classmethod
    def _are_checked(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(CHECKED)):
            raise ValueError(
                f"should be among {', '.join(CHECKED)}: openers in other languages ("
                f"{', '.join(unknown)}) could not be checked"
            )
        return value

    @field_validator("compliance")
    @classmethod
    def _fits(cls, value: dict[str, str]) -> dict[str, str]:
        if long := [slug for slug, line in value.items() if not 0 < len(line) <= 300]:
            raise ValueError(f"should be lines of 1 to 300 characters: {', '.join(long)}")
        return value

    def tone_on(self, channel: str) -> Tone:
        """The tone on a channel of delivery."""
        return self.tones.get(channel, self.tone)

    def language_of(self, locale: str) -> str:
        """The language of a locale such as es-ES, where we may write in it; else English."""
        code = locale.replace("_", "-").partition("-")[0].lower()
        return code if code in self.languages else "en"
