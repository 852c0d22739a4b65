// Curate: paste a text or drop a feed, see who would hear of it and how, approve it.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { busy, dropping, guarded } from "./asking.js";

const EXAMPLE = `Night trains to Caldermere are back
The evening train to Caldermere runs again from Monday, after a pause of two years. It leaves at ten past nine, arrives before breakfast, and carries two sleeping cars and a room for bicycles. The operator counted 140 kilograms of carbon dioxide saved on each trip, compared with the flight at noon that most of us take. For trips of the clinics team the travel desk now shows the train first, with the price of a bed beside that of a hotel night. A bed costs less than a room in most months. Those who tried it in the first week slept six hours on average, and arrived with the morning free. One warning came with their notes: the connection on Sunday evenings is tight, and who misses it waits until half past eleven.`;

export const curate = {
  name: "curate",
  label: "Curate",
  draw(body) {
    const text = el("textarea", { class: "field", rows: 6, id: "curate-text", placeholder: "A title on the first line\nBelow it the text: a paragraph or two" });
    const example = () => {
      text.value = EXAMPLE;
      text.focus();
    };
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
      el("div", { class: "row" },
        el("button", { type: "button", class: "btn primary", click: () => draft({ text: text.value }) }, "Look at it"),
        el("button", { type: "button", class: "btn", click: example }, "Fill in an example")),
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
    2 * item.words < item.usual && el("p", { class: "muted small", text: `It has ${item.words} words, where what is told here has about ${item.usual}: a ranker that has learned from those may put it low.` }),
    el("button", { type: "button", class: "btn", click: preview }, "Who would hear of it, and how?"),
    shown);
}

function audience(told, item) {
  const names = (list, all) => `${list.join(", ")}${all > list.length ? ` and ${all - list.length} more` : ""}`;
  const done = el("div", { class: "found", role: "status" });
  const approve = () => guarded(done, async () => {
    await api.ask("approve", { item: item.id });
    done.replaceChildren(
      el("span", { text: "It is in the pool. Let the next morning come, and see whom it reaches." }),
      el("button", { type: "button", class: "btn primary", click: () => guarded(done, () => api.control("next_morning")) }, "Next morning"));
  });
  return [
    el("p", {}, el("b", { text: told.told_count ? `Tomorrow it would open a conversation with ${names(told.told, told.told_count)}.` : "Tomorrow it would open a conversation with nobody." })),
    !told.told_count && el("p", { text: `Of ${told.members} members ${told.due} may hear something tomorrow; the others are left alone, whatever is new.` }),
    told.places.length > 0 && el("p", { class: "muted", text: `It stands high, though unsaid, for ${told.places.map((one) => `${one.name} (place ${one.place} of ${one.of})`).join(", ")}.` }),
    el("h4", { text: "How it would open" }),
    el("ul", { class: "styles" }, told.openers.map((one) => el("li", {},
      el("span", { class: "pill", text: one.style }),
      el("span", { text: one.text || `Withheld: ${one.reason}.` })))),
    el("button", { type: "button", class: "btn primary", click: approve }, "Approve it"),
    done,
  ].filter(Boolean);
}
