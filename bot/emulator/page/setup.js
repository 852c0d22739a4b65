// While the demo sets itself up there is no workspace to show yet, so its steps are shown instead.

import { el, icon } from "./dom.js";
import { state } from "./state.js";

let screen = null;
let steps = null;
let bar = null;

/** Show (or bring up to date) the set-up screen; `failure` is the reason it stopped. */
export function drawSetup(busy, failure = "") {
  if (!screen) build();
  const text = busy?.text || "Starting …";
  const last = steps.lastElementChild;
  if (last?.dataset.text !== text) {
    last?.replaceChildren(icon("check"), el("span", { text: last.dataset.text }));
    last?.classList.add("done");
    steps.append(el("li", { data: { text } }, icon("clock", "spin"), el("span", { text })));
  }
  if (typeof busy?.fraction === "number") bar.value = busy.fraction;
  else bar.removeAttribute("value");
  screen.querySelector(".setup-error").textContent = failure;
}

function build() {
  steps = el("ol", { class: "steps", role: "log", "aria-label": "Steps" });
  bar = el("progress", { max: 1, "aria-label": "Progress of the set-up" });
  screen = el(
    "div",
    { class: "setup" },
    el(
      "section",
      { class: "setup-card" },
      el("span", { class: "avatar big ours" }, icon("spark")),
      el("h1", { text: state.boot.workspace.name || "Overture" }),
      el("p", { class: "muted", text: "The workspace is being set up. It opens by itself." }),
      bar,
      steps,
      el("p", { class: "setup-error", role: "alert" }),
      el("p", { class: "small muted", text: state.boot.notice }),
    ),
  );
  document.body.classList.add("setting-up");
  document.body.append(screen);
}

export function dropSetup() {
  screen?.remove();
  screen = null;
  document.body.classList.remove("setting-up");
}
