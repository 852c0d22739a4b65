// The scenes of the demo: a dock beside the chat, with one tab for each, and the first screen.

import { on, state } from "/static/state.js";
import { el, icon, iconButton } from "/static/dom.js";
import { curtain } from "./curtain.js";
import { curate } from "./curate.js";
import { rehearsal } from "./export.js";
import { fortnight } from "./fortnight.js";
import { askWhoYouAre } from "./newcomer.js";
import { silence } from "./silence.js";

const SCENES = [curtain, fortnight, curate, silence, rehearsal];
const WIDE = 1100; // px from which the dock is open from the beginning
const dock = () => document.getElementById("dock");
let at = SCENES[0];
let body = null;

function styled() {
  const href = "/extension/scenes.css";
  if (!document.querySelector(`link[href="${href}"]`))
    document.head.append(el("link", { rel: "stylesheet", href }));
}

function tab(scene) {
  return el(
    "button",
    {
      type: "button",
      role: "tab",
      id: `scene-${scene.name}`,
      class: "scene-tab",
      "aria-selected": String(scene === at),
      "aria-controls": "scene",
      tabindex: scene === at ? 0 : -1,
      click: () => turn(scene),
      keydown: move,
    },
    scene.label,
  );
}

function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  turn(SCENES.at((SCENES.indexOf(at) + step) % SCENES.length));
}

// The tabs are drawn anew with their scene: whoever came by keyboard stays on theirs.
function turn(scene) {
  show(scene);
  document.getElementById(`scene-${scene.name}`).focus();
}

function draw() {
  body = el("div", {
    id: "scene",
    class: "scene",
    role: "tabpanel",
    "aria-labelledby": `scene-${at.name}`,
    tabindex: 0,
  });
  dock().replaceChildren(
    el(
      "header",
      { class: "dock-head" },
      el("div", {},
        el("h2", { text: "Behind the curtain" }),
        el("p", { class: "dock-note", text: "For you alone: no member's Slack shows any of this." })),
      iconButton("close", "Close the scenes", () => toggle(false)),
    ),
    el("div", { class: "scene-tabs", role: "tablist", "aria-label": "Scenes" }, SCENES.map(tab)),
    body,
  );
  at.draw(body);
}

/** Open the dock at a scene. */
export function show(scene) {
  at = scene;
  toggle(true);
}

function toggle(open) {
  dock().hidden = !open;
  if (open) draw();
  const button = document.getElementById("dock-button");
  button?.setAttribute("aria-expanded", String(open));
  if (!open) button?.focus();
}

function offer(strip) {
  const button = el(
    "button",
    {
      type: "button",
      id: "dock-button",
      class: "dock-button",
      "aria-expanded": String(!dock().hidden),
      "aria-controls": "dock",
      "aria-label": "Behind the curtain",
      click: () => toggle(dock().hidden),
    },
    icon("eye"),
    el("span", { text: "Behind the curtain" }),
  );
  strip.querySelector(".controls")?.before(button);
}

let due = null;
function soon() {
  if (dock().hidden || !at.follows) return;
  clearTimeout(due);
  due = setTimeout(() => body?.isConnected && at.draw(body), 250);
}

export default {
  /** Who to sit down as, when nobody has sat down yet: an id, or null to look around. */
  async welcome() {
    styled();
    return askWhoYouAre();
  },
  /** The page is drawn: put the dock beside it. */
  open() {
    styled();
    on("strip", offer);
    on("sat", soon);
    on("happened", (event) => event.type === "message" && soon());
    on("extension", (event) => {
      for (const scene of SCENES) scene.hear?.(event, body, at);
    });
    if (window.innerWidth >= WIDE && state.boot.extended) toggle(true);
  },
};
