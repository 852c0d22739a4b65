// A list of messages that is brought up to date in place: what did not change keeps its node, and
// with it the focus, the open editor and the place of the scroll.

import { el } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { authorOf, drawMessage, edit } from "./message.js";
import { state, zone } from "./state.js";
import { dayKey, dayName } from "./time.js";

const SAME_BREATH = 300; // seconds between messages that share one header
const seenReplies = new Map(); // "channel:ts" → replies seen at the last opening of the thread

export class MessageList {
  /** `context`: {channel, inThread, openThread}; `label` names the log for screen readers. */
  constructor(label, context) {
    this.context = context;
    this.node = el("div", {
      class: "log",
      role: "log",
      "aria-live": "polite",
      "aria-relevant": "additions",
      "aria-label": label,
      tabindex: 0,
    });
    this.rows = new Map(); // key → {print, node}
    this.messages = [];
    this.newFrom = null;
  }

  /** Show `messages`, oldest first. `unread` draws the New line before the last that many of others. */
  update(messages, { unread = 0, intro = null } = {}) {
    const first = this.rows.size === 0;
    const low = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
    if (first && unread > 0)
      this.newFrom =
        messages.filter((message) => message.user !== state.me).at(-unread)?.ts || null;
    this.messages = messages;
    const wanted = this.plan(messages);
    if (intro) wanted.unshift(["intro", intro.className, () => intro]);
    const rows = new Map();
    for (const [key, print, draw] of wanted) {
      const old = this.rows.get(key);
      rows.set(key, old && old.print === print ? old : { print, node: draw() });
    }
    keepingFocus(this.node, () => this.settle(rows));
    if (first || low) this.toEnd();
  }

  plan(messages) {
    const wanted = [];
    let before = null;
    for (const message of messages) {
      const day = dayKey(message.ts, zone());
      if (!before || dayKey(before.ts, zone()) !== day) {
        const name = dayName(message.ts, zone(), state.clock);
        wanted.push([
          `day ${day}`,
          name,
          () => el("div", { class: "day", role: "separator" }, el("span", { text: name })),
        ]);
        before = null;
      }
      if (message.ts === this.newFrom) {
        wanted.push([
          "new",
          "new",
          () => el("div", { class: "new-line", role: "separator" }, el("span", { text: "New" })),
        ]);
        before = null;
      }
      const compact = this.compact(before, message);
      const fresh = this.fresh(message);
      const root = this.context.inThread && messages.length > 1 && message === messages[0];
      wanted.push([
        message.ts,
        JSON.stringify([message, compact, fresh]),
        () => drawMessage(message, { ...this.context, compact, fresh }),
      ]);
      before = message;
      if (!root) continue;
      const replies = messages.length === 2 ? "1 reply" : `${messages.length - 1} replies`;
      wanted.push([
        "replies",
        replies,
        () =>
          el("div", { class: "replies-line", role: "separator" }, el("span", { text: replies })),
      ]);
      before = null;
    }
    return wanted;
  }

  compact(before, message) {
    if (!before || before.ephemeral !== message.ephemeral || authorOf(before) !== authorOf(message))
      return false;
    return Number(message.ts) - Number(before.ts) < SAME_BREATH && !before.reply_count;
  }

  fresh(message) {
    const key = `${this.context.channel}:${message.ts}`;
    const count = message.reply_count || 0;
    if (!seenReplies.has(key) || state.thread === message.ts) seenReplies.set(key, count);
    return count > seenReplies.get(key);
  }

  settle(rows) {
    for (const [key, row] of this.rows) if (rows.get(key) !== row) row.node.remove();
    let after = null;
    for (const { node } of rows.values()) {
      const next = after ? after.nextSibling : this.node.firstChild;
      if (next !== node) this.node.insertBefore(node, next);
      after = node;
    }
    this.rows = rows;
  }

  toEnd() {
    requestAnimationFrame(() => (this.node.scrollTop = this.node.scrollHeight));
  }

  /** Edit the sitting member's last message; false when there is none. */
  editLast() {
    const last = this.messages.findLast(
      (message) => message.user === state.me && !message.ephemeral,
    );
    const body = last && this.rows.get(last.ts)?.node.querySelector(".body");
    if (!body) return false;
    edit(last, this.context.channel, body);
    return true;
  }
}
