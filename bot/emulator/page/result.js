// What a control did, in words: a headline, lines, and the rest of the record for those who ask.

import { avatar } from "./avatar.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { waiting } from "./people.js";
import { nameOf, state, tell } from "./state.js";

const MOST_SEATS = 12;

const wordy = (key) => key.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

/** Open the panel for an event of type "done". */
export function showResult({ name, result, error }) {
  const label =
    state.boot.controls.find((control) => control.name === name)?.label ||
    wordy(name || "The demo");
  const { headline, lines, ...rest } =
    typeof result === "object" && result ? result : { lines: result ? [String(result)] : [] };
  const failed = Boolean(error);
  const mail = el("div", { class: "waiting" });
  mail.hidden = true;
  const body = [
    el("p", {
      class: `headline ${failed ? "bad" : ""}`,
      text: failed ? "That did not work." : headline || `${label}: done.`,
    }),
    failed && el("p", { text: String(error?.message || error) }),
    lines?.length
      ? el(
          "ul",
          { class: "lines" },
          lines.map((line) => el("li", { text: String(line) })),
        )
      : null,
    mail,
    Object.keys(rest).length > 0 &&
      el("details", {}, el("summary", { text: "The whole record" }), tree(rest)),
  ];
  const done = el(
    "button",
    { type: "button", class: "btn primary", autofocus: true, click: () => dialog.close() },
    "Back to the workspace",
  );
  const dialog = openDialog({ title: label, kind: "result", body, foot: done });
  if (!failed) offerSeats(mail, dialog);
}

// The desks where something new lies, each a way to sit down there.
async function offerSeats(mail, dialog) {
  const people = (await waiting()).slice(0, MOST_SEATS);
  const sit = (one) => {
    dialog.close();
    tell("seat", one.id);
  };
  const desk = (one) =>
    el(
      "button",
      { type: "button", class: "btn", click: () => sit(one) },
      avatar(one, { size: "tiny" }),
      nameOf(one),
    );
  mail.replaceChildren(el("p", { text: "A new message waits for" }), ...people.map(desk));
  mail.hidden = people.length === 0;
}

/** Any record as nested lists. */
export function tree(value) {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== "object" || one === null))
      return el("span", { text: value.join(", ") || "none" });
    return el(
      "ol",
      {},
      value.map((one) => el("li", {}, tree(one))),
    );
  }
  if (value && typeof value === "object") {
    return el(
      "dl",
      {},
      Object.entries(value).map(([key, inner]) => [
        el("dt", { text: wordy(key) }),
        el("dd", {}, tree(inner)),
      ]),
    );
  }
  if (typeof value === "number" && !Number.isInteger(value))
    return el("span", { text: String(Number(value.toPrecision(4))) });
  return el("span", { text: value === null ? "none" : String(value) });
}
