// The sidebar: the workspace, its channels, direct messages, and the bot's own entry.

import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { goTo } from "./conversation.js";
import { el, icon, note } from "./dom.js";
import { atBot, botDm, me, nameOf, on, person, state } from "./state.js";
import { closeThread } from "./thread.js";

const nav = () => document.getElementById("sidebar");
let asked = 0;
let newest = Promise.resolve();

/** Read the sidebar again; who was overtaken by a newer look waits for what that one finds. */
export function refreshSidebar() {
  asked += 1;
  newest = look(asked);
  return newest;
}

async function look(turn) {
  try {
    const given = await api.sidebar(state.me);
    if (turn !== asked) {
      await newest;
      return;
    }
    state.sidebar = { channels: given.channels || [], dms: given.dms || [] };
    if (given.clock) state.clock = given.clock;
    drawSidebar();
  } catch (problem) {
    note(problem.message, "bad");
  }
}

export function drawSidebar() {
  const bot = person(state.boot.bot_user);
  const dms = state.sidebar.dms.filter((dm) => dm.user !== state.boot.bot_user);
  const focused = document.activeElement?.closest?.("#sidebar [data-place]")?.dataset.place;
  nav().replaceChildren(
    el(
      "div",
      { class: "side-head" },
      el("span", {
        class: "workspace-mark",
        "aria-hidden": "true",
        text: (state.boot.workspace.name || "?").slice(0, 1),
      }),
      el("span", { class: "workspace", text: state.boot.workspace.name }),
    ),
    el(
      "div",
      { class: "side-scroll" },
      group("Apps", bot ? [botRow(bot)] : []),
      group("Channels", state.sidebar.channels.map(channelRow)),
      group("Direct messages", dms.map(dmRow)),
    ),
    el(
      "div",
      { class: "side-me" },
      avatar(me(), { presence: true }),
      el(
        "span",
        { class: "side-me-text" },
        el("span", { text: nameOf(me()) }),
        el("small", { text: me()?.status_text || me()?.title || "" }),
      ),
    ),
  );
  if (focused)
    nav()
      .querySelector(`[data-place="${CSS.escape(focused)}"]`)
      ?.focus();
  const unread = state.sidebar.dms.reduce((sum, one) => sum + (one.unread || 0), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${state.boot.workspace.name || "Overture"}`;
}

const group = (label, rows) =>
  rows.length
    ? el(
        "section",
        { class: "side-group", "aria-label": label },
        el("h2", { text: label }),
        el("ul", {}, rows),
      )
    : null;

// As in Slack, a channel with news is bold, and only direct messages count theirs.
function row(place, here, unread, name, mark, { extra = null, counts = true } = {}) {
  const count = here ? 0 : unread || 0;
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: `side-row ${count ? "unread" : ""}`,
        "aria-current": here ? "page" : null,
        "aria-label": count ? `${name}, ${count} unread` : null,
        data: { place },
        click: () => {
          closeThread({ refocus: false });
          drawer(false);
          goTo(place, { focus: true });
        },
      },
      mark,
      el("span", { class: "side-name", text: name }),
      extra,
      count && counts
        ? el("span", { class: "badge", text: count > 99 ? "99+" : String(count) })
        : null,
    ),
  );
}

function botRow(bot) {
  const dm = botDm();
  return row(bot.id, atBot(), dm?.unread, nameOf(bot), avatar(bot, { size: "tiny" }), {
    extra: el("span", { class: "tag", text: "APP" }),
  });
}

const channelRow = (channel) =>
  row(
    channel.id,
    state.place === channel.id,
    channel.unread,
    channel.name,
    icon(channel.is_private ? "lock" : "hash"),
    { counts: false },
  );

function dmRow(dm) {
  const other = person(dm.user);
  return row(
    dm.id,
    state.place === dm.id,
    dm.unread,
    nameOf(other),
    avatar(other, { size: "tiny", presence: true }),
  );
}

/** On a phone the sidebar is a drawer. */
export function drawer(open) {
  const was = document.body.classList.contains("drawer");
  document.body.classList.toggle("drawer", open);
  if (open) nav().querySelector("[aria-current], .side-row")?.focus();
  else if (was) document.getElementById("drawer-button")?.focus();
}

export function wireSidebar() {
  on("drawer", drawer);
  on("place", drawSidebar);
  document.getElementById("scrim").addEventListener("click", () => drawer(false));
  nav().addEventListener("keydown", (event) => {
    if (event.key === "Escape") return drawer(false);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return null;
    const rows = [...nav().querySelectorAll(".side-row")];
    rows
      .at(
        (rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)) % rows.length,
      )
      ?.focus();
    return event.preventDefault();
  });
}
