// Your own workspace: a Slack export dropped here is rehearsed, and gone afterwards.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { dropping, guarded } from "./asking.js";

let running = null; // {text, fraction} while a rehearsal runs
let found = null; // what it came to so far

export const rehearsal = {
  name: "rehearsal",
  label: "Export",
  draw(body) {
    const outcome = el("div", { class: "found", id: "rehearsal", "aria-live": "polite" });
    const start = (file) => guarded(outcome, async () => {
      running = { text: "Unpacking …", fraction: 0 };
      found = null;
      progress(outcome);
      try {
        found = await api.ask("rehearse", file);
      } finally {
        running = null;
      }
      const place = document.getElementById("rehearsal");
      place?.replaceChildren(...findings(found));
    });
    body.replaceChildren(
      el("p", { text: "Drop the export of your own workspace. Its last five days are lived through again by the real policy and ranker, with a model learned each night: what would have been said to whom. Nothing is sent, and all of it is gone when the demo is closed. For some hundred members it takes minutes: every message is read, and every night learned from. The first day's result comes first, and you may stop at any time." }),
      el("p", { class: "muted small", text: "In Slack: Workspace settings, Import/Export data, Export. Public channels are all that is read." }),
      dropping("Drop the .zip here", start, ".zip"),
      outcome,
    );
    if (running) progress(outcome);
    else if (found) outcome.replaceChildren(...findings(found));
  },
  hear(event) {
    if (!running || !event.name.startsWith("rehears")) return;
    if (event.name === "rehearsed") found = event.data;
    else running = event.data;
    const place = document.getElementById("rehearsal");
    if (!place) return;
    if (event.name === "rehearsed" || !place.querySelector("progress")) progress(place);
    place.querySelector("progress").value = running.fraction;
    place.querySelector("[role=status]").textContent = running.text;
  },
};

function progress(place) {
  const stop = el("button", { type: "button", class: "btn", text: "Stop here", click: () => {
    stop.disabled = true;
    api.ask("halt");
  } });
  place.replaceChildren(
    el("progress", { max: 1, value: running.fraction, "aria-label": "Rehearsal" }),
    el("p", { role: "status", text: running.text }),
    stop,
    ...(found ? findings(found) : []),
  );
}

function findings(told) {
  const went = told.went;
  return [
    el("h3", { text: `${told.file}: ${told.from} to ${told.to}` }),
    ...(told.days < told.of ? [el("p", { class: "muted small", text: `${told.days} of ${told.of} days so far.` })] : []),
    el("p", {}, el("b", { text: `${told.count} openers would have been sent.` }), went.decisions ? ` Of ${went.decisions - went.unknown} whose day is over, ${went.went} went to that conversation by themselves, untold.` : ""),
    el("ul", {}, told.openers.map((one) => el("li", { class: "card" },
      el("p", { class: "small muted", text: `${one.name} · ${one.at} · ${Math.round(one.engages * 100)} % sure${one.went ? " · went there by themselves" : ""}` }),
      el("blockquote", { text: one.text }),
      one.why && el("p", { class: "small", text: one.why })))),
    el("h4", { text: "Silent" }),
    el("ul", { class: "bars" }, told.silences.map((one) => el("li", {}, el("span", { text: one.words }), el("span", { class: "number", text: one.count.toLocaleString("en") })))),
  ];
}
