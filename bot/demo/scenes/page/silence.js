// Silence: try to make it speak when it should not, and see which rule answers.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { tell } from "/static/state.js";
import { busy, guarded } from "./asking.js";
import { rules } from "./curtain.js";

export const silence = {
  name: "silence",
  label: "Silence",
  async draw(body) {
    busy(body, "Rehearsing who would hear something tomorrow …");
    await guarded(body, async () => {
      const offered = await api.ask("offered");
      const outcome = el("div", { class: "outcome", "aria-live": "polite" });
      const member = select("silence-member", offered.members.map((one) => [one.id, one.name]));
      const obstacle = select("silence-obstacle", offered.obstacles.map((one) => [one.name, one.label]));
      const attempt = () => guarded(outcome, async () => {
        busy(outcome, "Deciding twice …");
        outcome.replaceChildren(...compared(await api.ask("attempt", { member: member.value, obstacle: obstacle.value })));
      });
      body.replaceChildren(
        el("p", { text: "Tomorrow morning it would speak to each of these. Put something in its way, and try to make it speak all the same. It is tried in a copy of the database: nothing is sent or kept." }),
        el("label", { for: "silence-member", class: "label", text: "Whom" }), member,
        el("label", { for: "silence-obstacle", class: "label", text: "What is in the way" }), obstacle,
        el("button", { type: "button", class: "btn primary", click: attempt }, "Make it speak"),
        outcome,
        shelves(offered.shelves),
      );
    });
  },
};

const select = (id, options) =>
  el("select", { id, class: "field" }, options.map(([value, label]) => el("option", { value, text: label })));

function compared(told) {
  return [
    side("Without it", told.without),
    side(told.label, told.with),
  ];
}

function side(label, one) {
  const no = one.rules.filter((rule) => !rule.allowed);
  return el("article", { class: `card ${one.spoke ? "spoke" : "silent"}` },
    el("p", { class: "small muted", text: `${label} · ${one.at}` }),
    el("p", {}, el("span", { class: `pill ${one.spoke ? "good" : ""}`, text: one.spoke ? "It speaks" : "It is silent" })),
    one.spoke ? el("blockquote", { text: one.text }) : rules(no));
}

function shelves(all) {
  return el("section", {},
    el("h3", { text: "The quiet shelf" }),
    el("p", { text: "What was nearly good enough waits on a member's home tab, without any notification." }),
    all.length
      ? el("p", { class: "people" }, all.map((one) =>
          el("button", { type: "button", class: "btn tiny", click: () => tell("seat", one.id) }, `${one.name} (${one.count})`)))
      : el("p", { class: "muted", text: "Nothing lies on anybody's shelf this morning." }));
}
