// The message box: Enter sends, Shift+Enter breaks the line, the up arrow edits what was said last.

import { el, icon } from "./dom.js";

const drafts = new Map();

/**
 * A composer. `send(text)` resolves to true when it arrived; the text comes back otherwise.
 * `key` keeps a draft while one looks elsewhere; `editLast` is called on the up arrow.
 */
export function composer({ id, key, label, send, editLast }) {
  const field = el("textarea", {
    id,
    rows: 1,
    placeholder: label,
    "aria-label": label,
    maxlength: 12000,
    enterkeyhint: "send",
  });
  const button = el(
    "button",
    { type: "submit", class: "send", "aria-label": "Send", title: "Send" },
    icon("send"),
  );
  const hint = el(
    "span",
    { class: "composer-hint" },
    el("kbd", { text: "Enter" }),
    " sends, ",
    el("kbd", { text: "Shift + Enter" }),
    " new line",
  );
  const form = el(
    "form",
    { class: "composer" },
    field,
    el("div", { class: "composer-bar" }, hint, button),
  );
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
    form.classList.toggle("ready", field.value.trim() !== "");
    button.disabled = field.value.trim() === "";
    drafts.set(key, field.value);
  };
  const submit = async () => {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit();
    if (await send(text)) return;
    if (field.value === "") field.value = text;
    fit();
  };
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && field.value === "" && editLast?.())
      event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("click", (event) => event.target === form && field.focus());
  field.value = drafts.get(key) || "";
  requestAnimationFrame(fit);
  return form;
}

/** The body of a message turned into a field; `save(text)` and `cancel()` end it. */
export function inlineEditor(text, save, cancel) {
  const field = el("textarea", {
    class: "field",
    rows: Math.min(8, text.split("\n").length),
    "aria-label": "Edit the message",
  });
  field.value = text;
  const done = () => (field.value.trim() ? save(field.value.trim()) : cancel());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) done();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return el(
    "div",
    { class: "editor" },
    field,
    el(
      "div",
      { class: "editor-bar" },
      el("button", { type: "button", class: "btn", click: cancel }, "Cancel"),
      el("button", { type: "button", class: "btn primary", click: done }, "Save"),
    ),
  );
}
