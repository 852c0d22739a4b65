// The thread at the right (on a phone: over everything).

import { api } from "./api.js";
import { composer } from "./composer.js";
import { el, iconButton, note } from "./dom.js";
import { MessageList } from "./messages.js";
import { act } from "./press.js";
import { remember, state, tell } from "./state.js";

const pane = () => document.getElementById("thread");
let list = null;
let back = null;
let asked = 0;

export function openThread(ts, { focus = true } = {}) {
  back = document.activeElement;
  state.thread = ts;
  remember();
  const channel = state.place;
  list = new MessageList("Thread", { channel, inThread: true, openThread });
  pane().replaceChildren(
    el(
      "header",
      { class: "head" },
      el("h2", { text: "Thread" }),
      iconButton("close", "Close the thread", () => closeThread()),
    ),
    list.node,
    composer({
      id: "composer-thread",
      key: `${state.me} ${channel} ${ts}`,
      label: "Reply…",
      send: reply,
      editLast: () => list?.editLast() ?? false,
    }),
  );
  pane().hidden = false;
  refreshThread();
  tell("stale");
  if (focus) pane().querySelector("textarea").focus();
}

async function reply(text) {
  const sent = await act("message", { channel: state.place, text, thread_ts: state.thread });
  list?.toEnd();
  if (sent) tell("stale");
  return Boolean(sent);
}

export function closeThread({ refocus = true } = {}) {
  if (!state.thread) return;
  state.thread = null;
  list = null;
  pane().hidden = true;
  pane().replaceChildren();
  remember();
  if (refocus && back?.isConnected) back.focus();
}

export async function refreshThread() {
  if (!list || !state.thread) return;
  asked += 1;
  const [turn, into] = [asked, list];
  try {
    const { messages } = await api.messages(state.me, state.place, state.thread);
    if (turn !== asked || into !== list) return;
    into.update([...messages].sort((a, b) => Number(a.ts) - Number(b.ts)));
  } catch (problem) {
    note(problem.message, "bad");
  }
}
