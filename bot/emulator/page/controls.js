// The strip at the top: that all this is invented, the demo's clock, whose desk it is, and the
// demo's own buttons with their progress.

import { api } from "./api.js";
import { el, icon, note } from "./dom.js";
import { seatButton } from "./people.js";
import { state, tell, zone } from "./state.js";
import { city, dayAndTime } from "./time.js";

const ICONS = [
  [/night/i, "moon"],
  [/morning|day/i, "sun"],
  [/week/i, "clock"],
];
const strip = () => document.getElementById("strip");

export function drawStrip() {
  const focused = document.activeElement?.id;
  strip().replaceChildren(
    el("p", { class: "notice" }, icon("spark"), el("span", { text: state.boot.notice })),
    el("p", {
      class: "clock",
      id: "clock",
      title: "The demo's own clock, in the zone of the member who sits here",
    }),
    seatButton(),
    el(
      "div",
      { class: "controls", role: "group", "aria-label": "The demo" },
      state.boot.controls.map(control),
    ),
    el("div", { class: "progress", id: "progress" }),
  );
  tell("strip", strip());
  drawClock();
  drawProgress();
  if (focused) document.getElementById(focused)?.focus();
}

export function drawClock() {
  const node = document.getElementById("clock");
  if (!node || !state.clock) return;
  node.replaceChildren(
    icon("clock"),
    el("time", { text: dayAndTime(state.clock, zone()) }),
    el("span", { class: "muted city", text: city(zone()) }),
  );
}

function control({ name, label }) {
  const shape = ICONS.find(([words]) => words.test(label))?.[1] || "play";
  return el(
    "button",
    { type: "button", id: `control-${name}`, class: "control", click: () => start(name) },
    icon(shape),
    el("span", { text: label }),
  );
}

async function start(name) {
  if (state.busy) return;
  state.busy = { text: "Starting …", fraction: null };
  drawProgress();
  try {
    await api.control(name);
  } catch (problem) {
    state.busy = null;
    drawProgress();
    note(problem.message, "bad");
  }
}

/** Show what the demo does now; its buttons rest meanwhile. */
export function drawProgress() {
  const node = document.getElementById("progress");
  if (!node) return;
  strip().classList.toggle("busy", Boolean(state.busy));
  for (const button of strip().querySelectorAll(".control")) button.disabled = Boolean(state.busy);
  if (!state.busy) {
    node.replaceChildren();
    return;
  }
  const { bar, words } = node.firstChild ? parts(node) : build(node);
  if (state.busy.fraction === null || state.busy.fraction === undefined)
    bar.removeAttribute("value");
  else bar.value = Math.max(0, Math.min(1, state.busy.fraction));
  if (words.textContent !== state.busy.text) words.textContent = state.busy.text;
}

const parts = (node) => ({
  bar: node.querySelector("progress"),
  words: node.querySelector(".progress-words"),
});

function build(node) {
  node.replaceChildren(
    el("progress", { max: 1, "aria-label": "Progress of the demo" }),
    el("span", { class: "progress-words", role: "status" }),
  );
  return parts(node);
}
