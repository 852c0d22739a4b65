// What the scenes share: waiting, failing in words, and taking a file.

import { el, icon } from "/static/dom.js";

/** Say that something is under way. */
export function busy(place, words) {
  place.replaceChildren(el("p", { class: "muted busy", role: "status" }, icon("clock", "spin"), el("span", { text: words })));
}

/** Run, and show in `place` what went wrong, in words. */
export async function guarded(place, run) {
  try {
    await run();
  } catch (problem) {
    place.replaceChildren(el("p", { class: "bad", role: "alert", text: problem.message }));
  }
}

/** A place to drop a file on, or to choose one. */
export function dropping(words, take, accept = "") {
  const input = el("input", { type: "file", class: "unseen", accept, change: () => input.files[0] && take(input.files[0]) });
  const place = el("label", { class: "drop" }, input, el("span", { text: words }));
  const over = (on) => (event) => {
    event.preventDefault();
    place.classList.toggle("over", on);
  };
  place.addEventListener("dragover", over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  return place;
}
