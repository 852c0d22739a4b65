// Dialogs on the browser's own <dialog>: it traps the focus and keeps the rest of the page still.

import { el, icon, iconButton } from "./dom.js";
import { again } from "./focus.js";
import { textObject } from "./mrkdwn.js";

let count = 0;

/**
 * Open a dialog. `onCancel` hears Escape, the cross and the backdrop, and decides whether to close.
 * Returns {node, body, foot, close}.
 */
export function openDialog({
  title,
  kind = "",
  onCancel = null,
  body = [],
  foot = [],
  mark = null,
}) {
  count += 1;
  const id = `dialog-title-${count}`;
  const cancel = () => (onCancel ? onCancel() : close());
  const parts = {
    body: el("div", { class: "dialog-body" }, body),
    foot: el("footer", { class: "dialog-foot" }, foot),
  };
  const head = el(
    "header",
    { class: "dialog-head" },
    mark,
    el("h2", { id, class: "dialog-title" }, title),
    iconButton("close", "Close", cancel),
  );
  const node = el(
    "dialog",
    { class: `dialog ${kind}`, "aria-labelledby": id },
    head,
    parts.body,
    parts.foot,
  );
  const back = document.activeElement;
  let leaving = false;
  function close() {
    leaving = true;
    node.close();
    node.remove();
    (back?.isConnected ? back : again(back))?.focus();
  }
  node.addEventListener("cancel", (event) => {
    event.preventDefault();
    cancel();
  });
  // Chromium closes a dialog on a second Escape whatever the page says.
  node.addEventListener("close", () => !leaving && cancel());
  node.addEventListener("pointerdown", (event) => event.target === node && cancel());
  document.body.append(node);
  node.showModal();
  return { node, ...parts, close };
}

/** Slack's confirm object: resolves to true when the person goes on. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const answer = (value) => {
      dialog.close();
      resolve(value);
    };
    const danger = confirm.style === "danger"; // then Enter alone must not do it
    const dialog = openDialog({
      title: textObject(confirm.title),
      kind: "small",
      body: el("p", {}, textObject(confirm.text)),
      onCancel: () => answer(false),
      foot: [
        el(
          "button",
          { type: "button", class: "btn", autofocus: danger, click: () => answer(false) },
          textObject(confirm.deny || "Cancel"),
        ),
        el(
          "button",
          {
            type: "button",
            class: `btn ${danger ? "danger" : "primary"}`,
            autofocus: !danger,
            click: () => answer(true),
          },
          textObject(confirm.confirm || "Yes"),
        ),
      ],
    });
  });
}

export const spinner = () => icon("clock", "spin");
