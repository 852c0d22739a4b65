// One message: who, when, what was said, and what can be done with it.

import { avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { inlineEditor } from "./composer.js";
import { confirmed } from "./dialog.js";
import { el, icon, iconButton } from "./dom.js";
import { QUICK } from "./emoji.js";
import { markdown } from "./markdown.js";
import { openMenu } from "./menu.js";
import { emojiNode, mrkdwn, unescape } from "./mrkdwn.js";
import { act, presser } from "./press.js";
import { nameOf, person, state, zone } from "./state.js";
import { clockTime, dayAndTime, whenSaid } from "./time.js";

export const authorOf = (message) => message.user || (message.bot_id ? state.boot.bot_user : "");

/** Draw a message. `context`: {channel, compact, inThread, fresh, openThread}. */
export function drawMessage(message, context) {
  const author = person(authorOf(message));
  const name = author ? nameOf(author) : message.username || "Someone";
  const app = author?.is_bot || Boolean(message.bot_id);
  const time = clockTime(message.ts, zone());
  const stamp = el("time", { class: "stamp", title: dayAndTime(message.ts, zone()), text: time });
  const body = el("div", { class: "body" }, content(message, context.channel));
  const node = el(
    "article",
    {
      class: classes(message, context),
      "aria-label": `${name}, ${time}`,
      data: { ts: message.ts },
    },
    el("div", { class: "gutter" }, context.compact ? stamp : avatar(author)),
    el(
      "div",
      { class: "said" },
      message.ephemeral && el("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
      !context.compact &&
        el(
          "header",
          { class: "who" },
          el("span", { class: "name", text: name }),
          app && el("span", { class: "tag", text: "APP" }),
          stamp,
        ),
      body,
      reactions(message, context),
      footer(message, context),
    ),
    message.streaming ? null : tools(message, context, body),
  );
  return node;
}

const classes = (message, { compact }) =>
  [
    "message",
    compact && "compact",
    message.ephemeral && "ephemeral",
    message.streaming && "streaming",
  ]
    .filter(Boolean)
    .join(" ");

function content(message, channel) {
  const blocks = message.blocks || [];
  const ctx = { press: presser("press", { channel, message_ts: message.ts }) };
  const nodes = blocks.length
    ? drawBlocks(blocks, ctx)
    : [el("div", { class: "text" }, words(message))];
  for (const attachment of message.attachments || []) {
    nodes.push(
      el(
        "div",
        { class: "attachment" },
        attachment.blocks
          ? drawBlocks(attachment.blocks, ctx)
          : mrkdwn(attachment.text || attachment.fallback),
      ),
    );
  }
  for (const file of message.files || []) nodes.push(attached(file));
  if (!message.edited) return nodes;
  const mark = el("span", { class: "edited", text: " (edited)" });
  if (blocks.length || !nodes[0]) return [...nodes, mark];
  nodes[0].append(mark);
  return nodes;
}

function attached(file) {
  const query = new URLSearchParams({ user: state.me, id: file.id });
  const kilobytes = Math.max(1, Math.round(file.size / 1024));
  return el(
    "p",
    { class: "file" },
    el("a", { href: `/page/file?${query}`, download: file.name, text: file.title || file.name }),
    el("span", { class: "muted", text: ` ${kilobytes} KB` }),
  );
}

function words(message) {
  if (message.streaming) return markdown(message.text); // a stream is Markdown until its blocks are set
  return message.mrkdwn === false ? unescape(message.text || "") : mrkdwn(message.text || "");
}

function reactions(message, { channel }) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map(({ name, count, users }) => {
    const mine = (users || []).includes(state.me);
    return el(
      "button",
      {
        type: "button",
        class: `reaction ${mine ? "mine" : ""}`,
        "aria-pressed": String(mine),
        "aria-label": `${name.replaceAll("_", " ")}, ${count}`,
        title: (users || []).map((id) => nameOf(person(id))).join(", "),
        click: () => mine || act("react", { channel, ts: message.ts, name }),
      },
      emojiNode(name) || `:${name}:`,
      el("span", { text: String(count) }),
    );
  });
  return el("div", { class: "reactions" }, chips);
}

function footer(message, { inThread, openThread, fresh }) {
  if (inThread || !message.reply_count) return null;
  const replies = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const faces = (message.reply_users || [state.boot.bot_user])
    .slice(0, 3)
    .map((id) => avatar(person(id), { size: "tiny" }));
  return el(
    "button",
    {
      type: "button",
      class: `thread-link ${fresh ? "fresh" : ""}`,
      click: () => openThread(message.ts),
    },
    el("span", { class: "faces" }, faces),
    el("span", { class: "replies", text: replies }),
    fresh && el("span", { class: "tag new", text: "New" }),
    message.latest_reply &&
      el("span", {
        class: "muted",
        text: `Last reply ${whenSaid(message.latest_reply, zone(), state.clock)}`,
      }),
  );
}

function tools(message, context, body) {
  const { channel, inThread, openThread } = context;
  if (message.ephemeral) return null;
  const own = message.user === state.me;
  const answer = () => openThread(message.thread_ts || message.ts);
  const faces = QUICK.map((name) => ({
    label: emojiNode(name),
    name: name.replaceAll("_", " "),
    emoji: true,
    choose: () => act("react", { channel, ts: message.ts, name }),
  }));
  const use = (callback_id) => act("shortcut", { channel, ts: message.ts, callback_id });
  const shortcuts = (state.boot.shortcuts || []).map(({ callback_id, name }) => ({
    label: name,
    detail: nameOf(person(state.boot.bot_user)),
    choose: () => use(callback_id),
  }));
  const changes = [
    ...shortcuts,
    ...(own
      ? [
          { label: "Edit message", choose: () => edit(message, channel, body) },
          { label: "Delete message", danger: true, choose: () => remove(message, channel) },
        ]
      : []),
  ];
  const react = menuButton("smile", "Add a reaction", () => faces);
  const more = menuButton("dots", "More actions for this message", () => changes);
  const touch = menuButton("dots", "Message actions", () => [
    ...(inThread ? [] : [{ label: "Reply in thread", choose: answer }]),
    { label: "Add a reaction", choose: () => openMenu(touch, faces, { label: "Add a reaction" }) },
    ...changes,
  ]);
  touch.classList.add("touch");
  return el(
    "div",
    { class: "tools", role: "group", "aria-label": "Message actions" },
    react,
    !inThread && iconButton("reply", "Reply in thread", answer),
    changes.length > 0 && more,
    touch,
  );
}

function menuButton(shape, label, items) {
  const node = iconButton(shape, label, () => openMenu(node, items(), { label }), {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  return node;
}

/** Turn a message of one's own into a field. */
export function edit(message, channel, body) {
  const old = [...body.childNodes];
  const back = () => body.replaceChildren(...old);
  const text = unescape(message.text || "");
  const editor = inlineEditor(
    text,
    async (changed) => {
      if (changed !== text) await act("edit", { channel, ts: message.ts, text: changed });
      back();
    },
    back,
  );
  body.replaceChildren(editor);
  editor.querySelector("textarea").focus();
}

async function remove(message, channel) {
  const sure = await confirmed({
    title: "Delete message",
    text: "Are you sure you want to delete this message? This cannot be undone.",
    confirm: "Delete",
    style: "danger",
  });
  if (sure) await act("delete", { channel, ts: message.ts });
}
