"""What learning keeps beside the decisions: arms that were stopped, and a challenger's scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, Table


class ArmStop(InWorkspace, Table):
    """An arm of an experiment that a guardrail or a person stopped."""

    __tablename__ = "arm_stops"

    experiment: Mapped[str] = mapped_column(String(64), primary_key=True)
    arm: Mapped[str] = mapped_column(String(32), primary_key=True)
    stopped_at: Mapped[datetime]
    stopped_by: Mapped[str] = mapped_column(String(64))
    """a guardrail's name, or who did it"""
    figures: Mapped[dict[str, Any]]
    """what it was stopped by"""


class ShadowScore(InWorkspace, Table):
    """What a challenger would have picked at a decision that it did not make."""

    __tablename__ = "shadow_scores"

    decision_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("decisions.id"), primary_key=True
    )
    model_version: Mapped[str] = mapped_column(String(32), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(128))
    """its own pick"""
    engages: Mapped[float] = mapped_column(Float)
    """its P(engages) for its own pick"""
    served_engages: Mapped[float] = mapped_column(Float)
    """its P(engages) for the pick of the model that serves"""


class Export(InWorkspace, Table):
    """A folder that decisions were written to as files: an erasure cleans those, too."""

    __tablename__ = "exports"

    folder: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
