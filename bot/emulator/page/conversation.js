// The middle of the page: a channel, a direct message, or the bot's entry with its tabs.

import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { el, icon, iconButton, note } from "./dom.js";
import { HomeTab } from "./home.js";
import { MessageList } from "./messages.js";
import { act } from "./press.js";
import {
  atBot,
  botDm,
  channelNamed,
  dmOf,
  me,
  nameOf,
  person,
  remember,
  state,
  tell,
} from "./state.js";
import { openThread } from "./thread.js";

const main = () => document.getElementById("main");
const HINT = "Press a button or answer, then ask for the next morning.";
const PAGE = 150; // messages drawn at once; eight weeks of a channel are thousands
let list = null;
let home = null;
let suggested = null;
let asked = 0;
let hintClosed = false;
let shownAtMost = PAGE;

/** Go to a conversation (a channel's id, or the bot's user id for its entry). */
export function goTo(place, { tab = "messages", focus = false } = {}) {
  const bot = place === state.boot.bot_user ? botDm() : null;
  state.place = bot ? bot.id : place;
  state.tab = tab;
  remember();
  draw();
  tell("place");
  if (focus) main().querySelector("#composer-main, [role=tab][aria-selected=true]")?.focus();
}

function draw() {
  const parts = [head()];
  list = null;
  home = null;
  shownAtMost = PAGE;
  if (atBot()) parts.push(tabs());
  if (atBot() && state.tab === "home") {
    home = new HomeTab();
    parts.push(home.node);
  } else {
    if (atBot() && !hintClosed) parts.push(hint());
    list = new MessageList(`Messages with ${title()}`, {
      channel: state.place,
      inThread: false,
      openThread,
    });
    suggested = el("div", { class: "prompts", role: "group", "aria-label": "Suggested questions" });
    parts.push(list.node, suggested, writing());
    if (atBot()) api.act(state.me, "open_messages", {}).catch(() => null); // a bot may not listen
  }
  main().replaceChildren(...parts);
  refresh();
}

export function title() {
  const channel = channelNamed(state.place);
  if (channel) return channel.name;
  return nameOf(atBot() ? person(state.boot.bot_user) : person(dmOf(state.place)?.user));
}

function head() {
  const channel = channelNamed(state.place);
  const other = atBot() ? person(state.boot.bot_user) : person(dmOf(state.place)?.user);
  const detail = channel
    ? channel.is_private
      ? "Private channel"
      : "Channel"
    : other?.is_bot
      ? ""
      : other?.title || "";
  return el(
    "header",
    { class: "head" },
    iconButton("menu", "Open the sidebar", () => tell("drawer", true), {
      class: "icon-btn phone-only",
      id: "drawer-button",
    }),
    channel
      ? icon(channel.is_private ? "lock" : "hash", "head-mark")
      : avatar(other, { size: "small", presence: !other?.is_bot }),
    el("h1", { text: title() }),
    atBot() && el("span", { class: "tag", text: "APP" }),
    detail && el("span", { class: "head-detail", text: detail }),
  );
}

function tabs() {
  const one = (key, label) =>
    el("button", {
      type: "button",
      role: "tab",
      class: "tab",
      "aria-selected": String(state.tab === key),
      tabindex: state.tab === key ? 0 : -1,
      text: label,
      click: () => goTo(state.place, { tab: key }),
    });
  const node = el(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "Overture" },
    one("home", "Home"),
    one("messages", "Messages"),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    goTo(state.place, { tab: state.tab === "home" ? "messages" : "home" });
    main().querySelector("[role=tab][aria-selected=true]")?.focus();
  });
  return node;
}

function hint() {
  const node = el("div", { class: "hint-line" }, icon("bulb"), el("span", { text: HINT }));
  node.append(
    iconButton("close", "Close the hint", () => {
      hintClosed = true;
      node.remove();
    }),
  );
  return node;
}

function writing() {
  return composer({
    id: "composer-main",
    key: `${state.me} ${state.place}`,
    label: `Message ${channelNamed(state.place) ? "#" : ""}${title()}`,
    editLast: () => list?.editLast() ?? false,
    send: (text) => say(text),
  });
}

/** Send what was typed: a slash command or a message, into the thread if one is given. */
export async function say(text, thread_ts = null) {
  const slash = text.match(/^(\/\S+)\s*([\s\S]*)$/);
  const done = slash
    ? await act("command", { channel: state.place, command: slash[1], text: slash[2] })
    : await act("message", { channel: state.place, text, ...(thread_ts ? { thread_ts } : {}) });
  if (done && !thread_ts) list?.toEnd();
  if (done) tell("stale");
  return Boolean(done);
}

/** Read the open conversation again; answers that come too late are dropped. */
export async function refresh() {
  if (home) return home.refresh();
  if (!list || !state.place) return null;
  asked += 1;
  const [turn, into] = [asked, list];
  const unread = dmOf(state.place)?.unread || channelNamed(state.place)?.unread || 0;
  try {
    const { messages: written, prompts } =
      state.place === state.boot.bot_user
        ? { messages: [], prompts: [] }
        : await api.messages(state.me, state.place);
    if (turn !== asked || into !== list) return null;
    suggest(prompts || []);
    const shown = written.filter(
      (message) =>
        !message.thread_ts ||
        message.thread_ts === message.ts ||
        message.subtype === "thread_broadcast",
    );
    shown.sort((a, b) => Number(a.ts) - Number(b.ts));
    const top = shown.length > shownAtMost ? earlier() : intro(shown.length === 0);
    into.update(shown.slice(-shownAtMost), { unread, intro: top });
    tell("read", state.place);
  } catch (problem) {
    note(problem.message, "bad");
  }
  return null;
}

// What the bot suggests to ask; a press sends its words, as in Slack.
function suggest(prompts) {
  const print = JSON.stringify(prompts);
  if (suggested.dataset.print === print) return;
  suggested.dataset.print = print;
  suggested.replaceChildren(
    ...prompts.map((prompt) =>
      el("button", {
        type: "button",
        class: "btn prompt",
        text: prompt.title,
        title: prompt.message,
        click: () => say(prompt.message),
      }),
    ),
  );
  list?.toEnd(); // they take room from the newest message, which must stay in sight
}

function earlier() {
  const more = () => {
    shownAtMost += PAGE;
    refresh();
  };
  return el(
    "div",
    { class: "earlier" },
    el("button", { type: "button", class: "btn", click: more }, "Show earlier messages"),
  );
}

// What stands above the first message; for a silent bot it says that silence is meant.
function intro(empty) {
  const channel = channelNamed(state.place);
  const other = atBot() ? person(state.boot.bot_user) : person(dmOf(state.place)?.user);
  const words = channel
    ? `This is the very beginning of #${channel.name}.`
    : atBot()
      ? empty
        ? `Nothing has been said to ${nameOf(me())} yet. It speaks when one thing is worth it, and is silent otherwise.`
        : "It speaks first, when one thing is worth your attention, and is silent otherwise."
      : `This conversation is between you and ${nameOf(other)}.`;
  return el(
    "div",
    { class: "intro" },
    channel
      ? el("span", { class: "avatar big plain" }, icon(channel.is_private ? "lock" : "hash"))
      : avatar(other, { size: "big" }),
    el("h2", { text: title() }),
    el("p", { text: words }),
  );
}
