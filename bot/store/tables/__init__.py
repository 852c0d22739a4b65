"""Every table of Overture; the target of the migrations in `migrations/`.

Each row belongs to a workspace. Members, items, channels and topics keep the ids of their origin
and are keyed together with their workspace, so no query can reach into another one by accident.
"""

from bot.store.tables.content import Channel, ChannelMember, Item, Signal, Topic
from bot.store.tables.curating import Curation, Feed, Role
from bot.store.tables.deciding import Decision, JobRun, Run, Shelved, Slot, Spending
from bot.store.tables.declarative import Table
from bot.store.tables.delivering import Inbox, Opener, Outbox
from bot.store.tables.governing import AdminRule, AuditEntry, Installation, OAuthState, Review
from bot.store.tables.learning import ArmStop, Export, ShadowScore
from bot.store.tables.people import Consent, Erasure, Identity, Member, TopicChoice, Workspace
from bot.store.tables.talking import (
    Conversation,
    Correction,
    Handoff,
    Outcome,
    Proposal,
    Turn,
)

__all__ = [
    "AdminRule",
    "ArmStop",
    "AuditEntry",
    "Channel",
    "ChannelMember",
    "Consent",
    "Conversation",
    "Correction",
    "Curation",
    "Decision",
    "Erasure",
    "Export",
    "Feed",
    "Handoff",
    "Identity",
    "Inbox",
    "Installation",
    "Item",
    "JobRun",
    "Member",
    "OAuthState",
    "Opener",
    "Outbox",
    "Outcome",
    "Proposal",
    "Review",
    "Role",
    "Run",
    "ShadowScore",
    "Shelved",
    "Signal",
    "Slot",
    "Spending",
    "Table",
    "Topic",
    "TopicChoice",
    "Turn",
    "Workspace",
]
