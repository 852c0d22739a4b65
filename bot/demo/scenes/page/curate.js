// Curate: paste a text or drop a feed, see who would hear of it and how, approve it.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { busy, dropping, guarded } from "./asking.js";

export const curate = {
  name: "curate",
  label: "Curate",
  draw(body) {
    const text = el("textarea", { class: "field", rows: 6, id: "curate-text", placeholder: "A title on the first line\nThe text below it" });
    const found = el("div", { class: "found", "aria-live": "polite" });
    const draft = (given) => guarded(found, async () => {
      busy(found, "Reading …");
      const { items } = await api.ask("draft", given);
      found.replaceChildren(...items.map(entry));
    });
    body.replaceChildren(
      el("p", { text: "Nothing is talked about that no person approved. Bring something of your own:" }),
      el("label", { for: "curate-text", class: "label", text: "A text" }),
      text,
      el("button", { type: "button", class: "btn primary", click: () => draft({ text: text.value }) }, "Look at it"),
      dropping("or drop a feed or a pool file (RSS, Atom, JSONL, CSV)", draft),
      found,
    );
  },
};

function entry(item) {
  const shown = el("div", { "aria-live": "polite" });
  const preview = () => guarded(shown, async () => {
    busy(shown, "Rehearsing everybody's next morning …");
    shown.replaceChildren(...audience(await api.ask("preview", { item: item.id }), item));
  });
  return el("article", { class: "card" },
    el("h3", { text: item.title }),
    el("p", { text: item.summary }),
    el("p", { class: "muted small", text: item.topics.length ? `Topics: ${item.topics.join(", ")}` : "No topic fits." }),
    el("button", { type: "button", class: "btn", click: preview }, "Who would hear of it, and how?"),
    shown);
}

function audience(told, item) {
  const names = (list, all) => `${list.join(", ")}${all > list.length ? ` and ${all - list.length} more` : ""}`;
  const done = el("p", { role: "status" });
  const approve = () => guarded(done, async () => {
    await api.ask("approve", { item: item.id });
    done.replaceChildren("It is in the pool. Now ", el("button", { type: "button", class: "btn primary", click: () => api.control("next_morning") }, "let the next morning come"), " and see whom it reaches.");
  });
  return [
    el("p", {}, el("b", { text: told.told_count ? `Tomorrow it would open a conversation with ${names(told.told, told.told_count)}.` : "Tomorrow it would open a conversation with nobody." })),
    told.places.length > 0 && el("p", { class: "muted", text: `It stands highest for ${told.places.map((one) => `${one.name} (place ${one.place} of ${one.of})`).join(", ")}.` }),
    el("h4", { text: "How it would open" }),
    el("ul", { class: "styles" }, told.openers.map((one) => el("li", {},
      el("span", { class: "pill", text: one.style }),
      el("span", { text: one.text || `Withheld: ${one.reason}.` })))),
    el("button", { type: "button", class: "btn primary", click: approve }, "Approve it"),
    done,
  ].filter(Boolean);
}
