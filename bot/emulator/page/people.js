// Whose desk is this: the picker of members, searched by name, title or zone.

import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { el, icon } from "./dom.js";
import { botDm, nameOf, seats, state, tell, zone } from "./state.js";
import { city, clockTime } from "./time.js";

let open = null;

/** The button that says who sits here and opens the list. */
export function seatButton() {
  const one = seats().find((person) => person.id === state.me);
  const button = el(
    "button",
    {
      type: "button",
      id: "seat",
      class: "seat",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      title: "Sit down as someone else",
    },
    avatar(one, { size: "tiny", presence: true }),
    el(
      "span",
      { class: "seat-words" },
      el("small", { text: "Sitting as" }),
      el("span", { class: "seat-name", text: nameOf(one) }),
    ),
    icon("down"),
  );
  button.addEventListener("click", () => (open ? close() : show(button)));
  return button;
}

function close(refocus = true) {
  if (!open) return;
  const { panel, away, button } = open;
  open = null;
  document.removeEventListener("pointerdown", away, true);
  panel.remove();
  button.setAttribute("aria-expanded", "false");
  if (refocus) document.getElementById("seat")?.focus();
}

function show(button) {
  const search = el("input", {
    class: "field",
    type: "search",
    role: "combobox",
    autocomplete: "off",
    placeholder: "Find a member by name, role or place",
    "aria-label": "Find a member",
    "aria-controls": "seats",
    "aria-expanded": "true",
    "aria-autocomplete": "list",
  });
  const rows = seats().map(row);
  const none = el("p", { class: "muted none", text: "Nobody here goes by that." });
  none.hidden = true;
  const list = el(
    "div",
    { id: "seats", class: "seats", role: "listbox", "aria-label": "Members" },
    rows,
  );
  const panel = el(
    "div",
    { class: "panel seat-panel", role: "dialog", "aria-label": "Sit down as" },
    search,
    list,
    none,
  );
  const pick = (node) => {
    close();
    if (node) tell("seat", node.dataset.id);
  };
  const point = (node) => {
    for (const one of rows) one.classList.toggle("at", one === node);
    search.setAttribute("aria-activedescendant", node?.id || "");
    node?.scrollIntoView({ block: "nearest" });
  };
  const visible = () => rows.filter((one) => !one.hidden);
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of rows) one.hidden = !words.every((word) => one.dataset.find.includes(word));
    none.hidden = visible().length > 0;
    point(visible()[0] || null);
  };
  search.addEventListener("input", filter);
  panel.addEventListener("keydown", (event) => {
    const shown = visible();
    const at = shown.findIndex((one) => one.classList.contains("at"));
    if (event.key === "ArrowDown") point(shown[(at + 1) % shown.length]);
    else if (event.key === "ArrowUp") point(shown.at((at - 1) % shown.length));
    else if (event.key === "Enter") pick(shown[at]);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") close(false);
    else return;
    if (event.key !== "Tab") event.preventDefault();
  });
  list.addEventListener(
    "click",
    (event) => event.target.closest(".seat-row") && pick(event.target.closest(".seat-row")),
  );
  const away = (event) =>
    !panel.contains(event.target) && !button.contains(event.target) && close(false);
  document.addEventListener("pointerdown", away, true);
  document.body.append(panel);
  button.setAttribute("aria-expanded", "true");
  open = { panel, away, button };
  point(rows.find((one) => one.dataset.id === state.me) || rows[0]);
  search.focus();
  markWaiting(rows);
}

function row(one, index) {
  const place = city(one.tz);
  const agreed =
    one.agreed === true
      ? el("span", { class: "pill good", text: "has agreed" })
      : one.agreed === false
        ? el("span", { class: "pill", text: "has not agreed" })
        : null;
  return el(
    "div",
    {
      id: `seat-${index}`,
      class: "seat-row",
      role: "option",
      "aria-selected": String(one.id === state.me),
      data: {
        id: one.id,
        find: [one.real_name, one.name, one.title, place].join(" ").toLowerCase(),
      },
    },
    avatar(one, { size: "small", presence: true }),
    el(
      "span",
      { class: "seat-text" },
      el(
        "span",
        { class: "seat-who" },
        el("b", { text: nameOf(one) }),
        one.is_guest && el("span", { class: "tag", text: "GUEST" }),
      ),
      el("small", {
        text: [one.title, `${place} ${clockTime(state.clock, one.tz || zone())}`]
          .filter(Boolean)
          .join(" · "),
      }),
    ),
    el("span", { class: "seat-marks" }, agreed),
  );
}

async function markWaiting(rows) {
  const ids = new Set((await waiting()).map((one) => one.id));
  for (const node of rows) {
    if (ids.has(node.dataset.id))
      node
        .querySelector(".seat-marks")
        .prepend(el("span", { class: "pill new", text: "new message" }));
  }
}

/** Members to whom the bot has said something that they have not read. */
export async function waiting() {
  const queue = [...seats()];
  const found = [];
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const sidebar = await api.sidebar(one.id).catch(() => ({ dms: [] }));
      if (botDm(sidebar)?.unread) found.push(one);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return found;
}

/** The first member with an unread message; else one whom the bot has written to; else the first. */
export async function firstSeat() {
  const people = seats();
  let written = null;
  for (let at = 0; at < people.length; at += 6) {
    const some = people.slice(at, at + 6);
    const sidebars = await Promise.all(
      some.map((one) => api.sidebar(one.id).catch(() => ({ dms: [] }))),
    );
    const unread = sidebars.findIndex((sidebar) => botDm(sidebar)?.unread);
    if (unread >= 0) return { id: some[unread].id, written: true };
    const any = sidebars.findIndex((sidebar) => botDm(sidebar)?.last_ts);
    if (!written && any >= 0) written = some[any].id;
  }
  return { id: written || people[0]?.id || null, written: written !== null };
}
