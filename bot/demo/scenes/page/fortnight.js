// Two weeks later: openers by day beside a bot that never holds back, and what changed for you.

import { api } from "/static/api.js";
import { el } from "/static/dom.js";
import { state } from "/static/state.js";

const SVG = "http://www.w3.org/2000/svg";
let days = [];
let of = 10;

const svg = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

export const fortnight = {
  name: "fortnight",
  label: "Two weeks",
  async draw(body) {
    const told = await api.ask("so_far");
    days = told.days;
    of = told.of;
    paint(body);
  },
  hear(event, body, at) {
    if (event.name === "day") days = [...(event.data.number === 1 ? [] : days), event.data];
    else if (event.name !== "morning_after") return;
    if (at === fortnight && body?.isConnected) paint(body);
  },
};

async function paint(body) {
  const failed = (problem) => {
    live.disabled = false;
    body.prepend(el("p", { class: "bad", role: "alert", text: problem.message }));
  };
  const begin = () => {
    live.disabled = true;
    api.control("live_two_weeks").catch(failed);
  };
  const under = days.length > 0 && days.length < of;
  const live = el("button", { type: "button", class: "btn primary", disabled: under, click: begin },
    under ? `Day ${days.length + 1} of ${of} …` : days.length ? "Live two more weeks" : "Live two weeks");
  body.replaceChildren(
    el("p", { text: "Ten working days with the scripted members: they post, answer, dismiss and leave, and every night the ranker learns from it." }),
    live,
    legend(),
    chart("Openers taken up, of a hundred", days, (one) => share(one), (one) => one.always && share(one.always), 100),
    chart("Openers sent", days, (one) => one.openers, (one) => one.always?.openers),
    chart("Turned down", days, (one) => one.dismissed, (one) => one.always?.dismissed),
    chart("Asked to be left alone", days, (one) => one.opted_out, (one) => one.always?.opted_out, 4),
    ...verdicts(),
    await minds(),
  );
}

const share = (one) => (one.openers ? Math.round((100 * one.engaged) / one.openers) : null);

const legend = () =>
  el("p", { class: "legend" },
    el("span", { class: "key ours", text: "● Overture" }),
    el("span", { class: "key always", text: "▲ A bot that always speaks, same members, same dice" }));

function chart(title, rows, ours, always, ceiling) {
  const [width, height, left, bottom] = [340, 96, 26, 16];
  const all = rows.flatMap((one) => [ours(one), always(one)]).filter((value) => Number.isFinite(value));
  const most = ceiling ? Math.max(ceiling, ...all) : Math.max(4, ...all);
  const x = (number) => left + ((width - left - 8) * (number - 0.5)) / of;
  const y = (value) => 6 + (height - bottom - 6) * (1 - value / most);
  const words = rows.map((one) => `day ${one.number}: ${ours(one) ?? "none"} against ${always(one) ?? "none"}`);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": `${title}. ${words.join("; ") || "Nothing lived yet."}` });
  for (const value of [0, most / 2, most])
    picture.append(
      svg("line", { x1: left, x2: width, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: left - 4, y: y(value) + 3, "text-anchor": "end" }, String(Math.round(value))),
    );
  for (let day = 1; day <= of; day += 1)
    picture.append(svg("text", { x: x(day), y: height - 3, "text-anchor": "middle" }, String(day)));
  for (const [kind, read] of [["always", always], ["ours", ours]]) {
    const points = rows.filter((one) => Number.isFinite(read(one))).map((one) => [x(one.number), y(read(one))]);
    if (points.length)
      picture.append(svg("polyline", { class: `line ${kind}`, points: points.map((point) => point.join(",")).join(" ") }));
    for (const [px, py] of points)
      picture.append(kind === "ours" ? svg("circle", { class: kind, cx: px, cy: py, r: 3 }) : svg("path", { class: kind, d: `M${px - 3.4} ${py + 3}h6.8l-3.4 -6z` }));
  }
  return el("figure", { class: "figure" }, el("figcaption", { text: title }), picture);
}

function verdicts() {
  if (!days.length) return [];
  return [el("details", { class: "record" },
    el("summary", { text: "What each night came to" }),
    el("ol", { class: "nights" }, days.map((one) => el("li", { text: one.verdict }))))];
}

async function minds() {
  const told = await api.ask("minds", {}, state.me);
  if (!told.last) return el("p", { class: "muted small", text: "Whoever sits here has not got two openers yet: their first and their latest will stand here side by side." });
  return el("section", { class: "minds" },
    el("h3", { text: "What changed its mind about you" }),
    pick("The first", told.first),
    el("ul", { class: "between" }, told.between.map((one) => el("li", { text: `“${one.title}”: ${one.outcome}${one.reason ? ` (${one.reason})` : ""}` }))),
    pick("The latest", told.last));
}

const pick = (label, one) =>
  el("div", { class: "pick" },
    el("p", {}, el("b", { text: `${label}: ` }), one.title),
    el("blockquote", { text: one.text }),
    el("p", { class: "muted small", text: [one.why, `style “${one.style}”`, one.engages === null ? "" : `${Math.round(one.engages * 100)} % sure`, one.model].filter(Boolean).join(" · ") }));
