"""What Slack's refusals mean for a call: never, not now, or perhaps it happened.

Source: docs.slack.dev/reference/methods/chat.postMessage and conversations.open, "Errors".
`internal_error` and `fatal_error` are missing on purpose: Slack says that some aspect of the
operation may have succeeded before them.
"""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.ports import Ambiguous, ChannelError, Permanent, Transient

NEVER = frozenset(
    {
        "access_denied",
        "account_inactive",
        "cannot_dm_bot",
        "deprecated_endpoint",
        "duplicate_external_id",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "external_channel_migrating",
        "hash_conflict",
        "invalid_cursor",
        "invalid_json",
        "invalid_limit",
        "invalid_trigger_id",
        "invalid_users",
        "json_not_object",
        "markdown_text_conflict",
        "method_deprecated",
        "method_not_supported_for_channel_type",
        "missing_argument",
        "not_enabled",
        "push_limit_reached",
        "team_not_found",
        "cannot_reply_to_message",
        "cant_broadcast_message",
        "cant_update_message",
        "channel_is_limited_access",
        "channel_not_found",
        "channel_type_not_supported",
        "edit_window_closed",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_charset",
        "invalid_form_data",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_post_type",
        "invalid_thread_ts",
        "is_archived",
        "is_inactive",
        "feature_not_enabled",
        "message_not_found",
        "message_not_in_streaming_state",
        "message_not_owned_by_app",
        "missing_recipient_team_id",
        "missing_recipient_user_id",
        "streaming_mode_mismatch",
        "messages_tab_disabled",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "missing_channel",
        "missing_post_type",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_permission",
        "no_text",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "thread_not_found",
        "unknown_method",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
        "view_too_large",
    }
)

OAUTH = frozenset(
    {
        "bad_client_secret",
        "bad_redirect_uri",
        "code_already_used",
        "invalid_client_id",
        "invalid_code",
        "invalid_grant_type",
        "invalid_refresh_token",
        "invalid_scope",
    }
)
"""refusals of `oauth.v2.access`: nothing was handed over"""

PUT_RIGHT = {
    "invalid_auth": "set OVERTURE_SLACK__BOT_TOKEN to the token of the app's install page",
    "not_authed": "set OVERTURE_SLACK__BOT_TOKEN to the token of the app's install page",
    "token_revoked": "install the app again and set OVERTURE_SLACK__BOT_TOKEN",
    "token_expired": "install the app again and set OVERTURE_SLACK__BOT_TOKEN",
    "missing_scope": "give the app the scopes of deploy/manifest.json and install it again",
    "accesslimited": "let the address of this machine call Slack's API for the workspace",
    "two_factor_setup_required": "set up two-factor authentication, as the workspace demands",
    "not_allowed_token_type": "use a bot token, which begins with xoxb-",
}
"""Refusals that a person can put right: the message may still leave, until it expires."""

STALE = frozenset({"token_expired", "token_revoked", "invalid_auth"})
"""refusals of a token of which the database may have a newer one"""

NOT_NOW = frozenset(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "request_timeout"}
    | {"team_added_to_org", "org_login_required"}
)

PUT_RIGHT_SECONDS = 60.0
"""how often a workspace is tried again whose token or scopes need a person"""


def refusal(what: str, error: SlackApiError) -> ChannelError:
    """The error of our own for an answer of Slack's that is not ok."""
    response = error.response
    status = int(getattr(response, "status_code", 200))
    headers = {str(k).lower(): v for k, v in dict(getattr(response, "headers", {})).items()}
    code = code_of(error)
    if status == 429:
        return Transient(f"Slack {what}: asks for a pause", _seconds(headers.get("retry-after")))
    if status != 200:
        return Ambiguous(f"Slack {what}: status {status}")
    if code in NEVER or code in OAUTH:
        return Permanent(f"Slack {what}: {code}")
    if code in PUT_RIGHT:
        return Transient(f"Slack {what}: {code}; {PUT_RIGHT[code]}", PUT_RIGHT_SECONDS)
    if code in NOT_NOW:
        return Transient(f"Slack {what}: {code}", _seconds(headers.get("retry-after")))
    return Ambiguous(f"Slack {what}: {code}")


def code_of(error: SlackApiError) -> str:
    """Slack's own word for what was wrong."""
    try:
        code = str(error.response.get("error") or "no error named")
    except (AttributeError, TypeError, ValueError):
        return "unreadable answer"
    # slack_sdk puts the body of an unreadable answer here: of no use, and maybe of secrets
    return code if code.replace("_", "").isalnum() else "unreadable answer"


def _seconds(header: object) -> float:
    try:
        return max(1.0, float(str(header)))
    except ValueError:
        return 1.0
