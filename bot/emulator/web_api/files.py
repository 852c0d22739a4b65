"""files.getUploadURLExternal and completeUploadExternal, as far as a small text file needs them."""

from __future__ import annotations

import secrets

from bot.emulator.web_api.call import Call, Json, SlackError, missing
from bot.emulator.web_api.chat import note, parent_of

_LARGEST = 1_048_576


def get_upload_url(call: Call) -> Json:
    name, length = call.required("filename"), call.number("length", 0)
    if length <= 0:
        raise missing("length")
    if length > _LARGEST:
        raise SlackError("file_size_limit_exceeded")
    file_id, secret = call.site.mint("F"), secrets.token_urlsafe(18)
    call.site.uploads[file_id] = {
        "id": file_id,
        "name": name,
        "title": name,
        "size": length,
        "secret": secret,
        "received": False,
    }
    return {"upload_url": f"{call.site.origin}/upload/{file_id}/{secret}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    given = call.parsed("files")
    if not isinstance(given, list) or not given:
        raise missing("files")
    files = []
    for entry in given:
        if not isinstance(entry, dict):
            raise SlackError("invalid_arguments", ["[ERROR] files must be objects with an id"])
        held = call.site.uploads.get(str(entry.get("id")))
        if held is None or not held["received"]:
            raise SlackError("file_not_found")
        held["title"] = entry.get("title") or held["name"]
        files.append({k: held[k] for k in ("id", "name", "title", "size")})
    if call.text("channel_id") is not None:
        channel = call.joined("channel_id")
        body = {
            **call.site.bot_author(),
            "text": call.text("initial_comment") or "",
            "files": files,
            "upload": True,
        }
        thread_ts = parent_of(call, channel)
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        for entry in files:
            call.site.uploads[entry["id"]]["channel"] = channel.id
        message, _ = call.site.post(channel, body)
        note(call, message)
    return {"files": files}
