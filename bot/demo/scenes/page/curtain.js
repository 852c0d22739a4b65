// Behind the curtain: the last decision about who sits here, step by step, and who got nothing.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { state } from "/static/state.js";
import { tree } from "/static/result.js";

let wanted = ""; // a decision that was asked for; empty for the last one of this desk
let desk = null;
let turn = 0;
const FIRST = 3; // candidates that are shown at once

const ARMS = {
  explore: "It would not speak on any day when it is so unsure: here it tries something out, to learn about somebody whom it hardly knows.",
  holdout: "It would have spoken, but a few are held back at random, to measure what openers change.",
};

const percent = (share) => `${Math.round(share * 100)} %`;

export const curtain = {
  name: "curtain",
  label: "Decision",
  follows: true,
  async draw(body) {
    if (!state.me) return;
    turn += 1;
    const mine = turn;
    if (desk !== state.me) wanted = "";
    desk = state.me;
    const [told, silences] = await Promise.all([
      api.ask("decision", { decision: wanted }, state.me),
      api.ask("silences", {}, state.me),
    ]).catch((problem) => [null, null, body.replaceChildren(el("p", { text: problem.message }))]);
    if (mine !== turn || !silences) return;
    const open = [...body.querySelectorAll("details[open]")].map((one) => one.dataset.step);
    const top = body.scrollTop;
    body.replaceChildren(
      ...(told.decision ? steps(told, open) : [nothing()]),
      others(silences, body, open),
    );
    body.scrollTop = top;
  },
};

/** Show a certain decision. */
export function look(decision, body) {
  wanted = decision;
  desk = state.me;
  body.scrollTop = 0;
  body.focus();
  curtain.draw(body);
}

const nothing = () =>
  el("p", { class: "muted", text: "Nothing has been decided about this member yet: whoever has not agreed is not looked at." });

function steps(told, open) {
  const is = (name) => open.includes(name);
  const head = el(
    "div",
    { class: "verdict" },
    el("p", { class: `pill ${told.spoke ? "good" : ""}`, text: told.spoke ? "It spoke" : "It was silent" }),
    el("p", {}, el("b", { text: told.member }), ` · ${told.at}`),
    el("p", { text: told.spoke ? told.said?.why : capital(told.reason) }),
  );
  return [
    head,
    el("ol", { class: "pipeline" },
      told.retrieved && step("retrieved", "Retrieved", count(told.retrieved.count, "item"), sources(told.retrieved), is("retrieved")),
      told.dropped && step("dropped", "Dropped", count(told.dropped.count, "item"), filters(told.dropped), is("dropped")),
      told.ranked && step("ranked", "Ranked", `${count(told.ranked.count, "item")} by model ${told.ranked.model}`, ranked(told.ranked), open.length ? is("ranked") : true),
      step("allowed", told.rules.every((one) => one.allowed) ? "Allowed" : "Not allowed", allowed(told.rules), rules(told.rules), open.length ? is("allowed") : !told.spoke),
      told.said && step("said", "Said", told.said.state, said(told.said), open.length ? is("said") : true),
    ),
    el("details", { class: "record", data: { step: "record" }, ...(is("record") ? { open: true } : {}) },
      el("summary", { text: "The whole record, as it is kept" }), tree(told.record)),
  ];
}

const capital = (words) => words.replace(/^./, (first) => first.toUpperCase());
const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

function step(name, title, detail, inner, open) {
  return el("li", {},
    el("details", { data: { step: name }, ...(open ? { open: true } : {}) },
      el("summary", {}, el("b", { text: title }), el("span", { class: "muted", text: ` ${detail}` })),
      inner));
}

function bars(rows, most) {
  return el("ul", { class: "bars" }, rows.map(({ words, number }) =>
    el("li", {},
      el("span", { text: words }),
      el("meter", { min: 0, max: most || 1, value: number, "aria-label": words }),
      el("span", { class: "number", text: String(number) }))));
}

function sources(retrieved) {
  const rows = retrieved.sources.map((one) => ({ words: one.words, number: one.count }));
  return el("div", {}, bars(rows, retrieved.count),
    retrieved.failures.map((one) => el("p", { class: "bad", text: `${one.source} failed and was skipped: ${one.error}` })));
}

const filters = (dropped) =>
  dropped.count
    ? bars(dropped.filters.map((one) => ({ words: one.words, number: one.count })), dropped.count)
    : el("p", { class: "muted", text: "Nothing had to be dropped." });

function ranked(told) {
  const note = ARMS[told.arm] || "";
  const rows = told.top.map((one) => candidate(one, told));
  return el("div", {},
    el("ol", { class: "top" }, rows.slice(0, FIRST)),
    rows.length > FIRST && el("details", { class: "rest" },
      el("summary", { text: `The next ${rows.length - FIRST}` }),
      el("ol", { class: "top" }, rows.slice(FIRST))),
    el("p", { class: "muted small", text: `The share is how likely it is taken up, calibrated on later days. ${note}` }));
}

function candidate(one, told) {
  return el("li", { class: one.chosen ? "chosen" : "" },
    el("details", {},
      el("summary", {},
        el("span", { class: "title", text: one.title }),
        one.chosen && el("span", { class: "pill good", text: "the pick" }),
        el("span", { class: "number", text: percent(one.engages) })),
      el("ul", { class: "why" },
        one.chosen && told.why.map((reason) => el("li", { text: capital(reason) })),
        el("li", { class: "muted", text: `Found as: ${one.sources.join("; ")}` })),
      one.chosen && el("table", { class: "added" },
        el("caption", { text: "What weighed most, in log-odds" }),
        told.added.map((part) => el("tr", {}, el("th", { scope: "row", text: part.name }), el("td", { text: `${part.added > 0 ? "+" : "−"}${Math.abs(part.added).toFixed(2)}` })))),
      el("details", { class: "small" }, el("summary", { text: "All that was known" }), tree(one.features))));
}

function allowed(all) {
  const no = all.filter((one) => !one.allowed).length;
  return no ? `${count(no, "rule")} of ${all.length} said no` : `by ${count(all.length, "rule")}`;
}

/** The rules of a decision, those that said no first. */
export const rules = (all) =>
  el("ul", { class: "rules" }, [...all].sort((a, b) => a.allowed - b.allowed).map((one) =>
    el("li", { class: one.allowed ? "" : "no" },
      el("span", { class: "mark", text: one.allowed ? "yes" : "no" }),
      one.allowed ? el("span", { text: one.name }) : el("span", {}, `${capital(one.words)} `, el("span", { class: "muted", text: `(${one.name})` })))));

const said = (told) =>
  el("div", {},
    el("blockquote", { text: told.text }),
    told.why && el("p", {}, el("b", { text: "Why: " }), told.why),
    el("p", { class: "muted small", text: `Style “${told.style}”, prompt ${told.prompt}, written by ${told.model === "template" ? "a template" : told.model}. Every number, name and link was checked against the item.` }));

function others(silences, body, open) {
  const is = open.includes("others");
  return el("section", { class: "others" },
    el("h3", { text: `${count(silences.count, "colleague")} got nothing this morning` }),
    el("ul", {}, silences.reasons.map((one) =>
      el("li", {},
        el("details", { data: { step: "others" }, ...(is ? { open: true } : {}) },
          el("summary", {}, capital(one.words), el("span", { class: "number", text: String(one.people.length) })),
          el("p", { class: "people" }, one.people.map((who) =>
            el("button", { type: "button", class: "btn tiny", click: () => look(who.decision, body) }, who.name))))))));
}
