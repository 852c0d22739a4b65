// Modals: the top of the bot's stack, with what was typed kept while views are pushed and updated.

import { api } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { openDialog } from "./dialog.js";
import { avatar } from "./avatar.js";
import { el, note } from "./dom.js";
import { again } from "./focus.js";
import { isEmpty, readValues } from "./inputs.js";
import { textObject } from "./mrkdwn.js";
import { presser } from "./press.js";
import { person, state } from "./state.js";

const kept = new Map(); // view id → {values, focus}, as the person left it
let asked = 0;
let shown = null; // {id, print, dialog, readers, view}

/** Ask which views are open, and show the top one. */
export async function refreshModals() {
  asked += 1;
  const turn = asked;
  try {
    const { views } = await api.modals(state.me);
    if (turn !== asked) return; // a later look is under way, and this answer may be older than it
    const open = new Set((views || []).map((view) => view.id));
    for (const id of kept.keys()) if (!open.has(id)) kept.delete(id);
    show((views || []).at(-1) || null);
  } catch (problem) {
    note(problem.message, "bad");
  }
}

/** Take the dialog down without telling the bot (another member sits down). */
export function dropModals() {
  asked += 1;
  kept.clear();
  show(null);
}

function show(view) {
  const print = view ? JSON.stringify(view) : null;
  if (shown?.print === print) return;
  if (shown) {
    kept.set(shown.id, { values: readValues(shown.readers), focus: document.activeElement });
    shown.dialog.close();
    shown = null;
  }
  if (!view) return;
  const readers = [];
  const ctx = {
    press: presser("press_modal", { view_id: view.id }, () => ({ values: readValues(readers) })),
    readers,
    saved: { ...view.state?.values, ...kept.get(view.id)?.values },
  };
  const submit =
    view.submit && el("button", { type: "submit", class: "btn primary" }, textObject(view.submit));
  const close = () => leave(view);
  const form = el("form", { class: "view", novalidate: true }, drawBlocks(view.blocks, ctx));
  const dialog = openDialog({
    title: textObject(view.title),
    kind: "modal",
    mark: avatar(person(state.boot.bot_user), { size: "small" }),
    onCancel: close,
    body: form,
    foot: [
      el("p", { class: "foot-error", role: "alert" }),
      el(
        "button",
        { type: "button", class: "btn", click: close },
        view.close ? textObject(view.close) : "Close",
      ),
      submit,
    ],
  });
  shown = { id: view.id, print, dialog, readers, view };
  const send = (event) => {
    event.preventDefault();
    submitView(view, dialog, readers, submit);
  };
  form.addEventListener("submit", send);
  submit?.addEventListener("click", send);
  (
    again(kept.get(view.id)?.focus, form) ||
    form.querySelector("[autofocus]") || form.querySelector("input, select, textarea, .field")
  )?.focus();
}

async function submitView(view, dialog, readers, submit) {
  if (!submit || submit.disabled) return;
  const values = readValues(readers);
  const missing = {};
  for (const block of view.blocks || []) {
    const held =
      block.type === "input" &&
      !block.optional &&
      values[block.block_id]?.[block.element.action_id];
    if (held && isEmpty(held)) missing[block.block_id] = "Please complete this required field.";
  }
  if (!mark(dialog, missing)) return;
  submit.disabled = true;
  submit.setAttribute("aria-busy", "true");
  try {
    await api.act(state.me, "submit_view", { view_id: view.id, values });
    await refreshModals();
  } catch (problem) {
    if (!problem.errors || mark(dialog, problem.errors))
      dialog.foot.querySelector(".foot-error").textContent = problem.message;
  } finally {
    submit.disabled = false;
    submit.removeAttribute("aria-busy");
  }
}

// Write each error below its block and go to the first; true when there is none.
function mark(dialog, errors) {
  dialog.foot.querySelector(".foot-error").textContent = "";
  let first = null;
  for (const block of dialog.body.querySelectorAll(".block")) {
    const text = errors[block.dataset.block] || "";
    block.classList.toggle("wrong", text !== "");
    const place = block.querySelector(".field-error");
    if (place) place.textContent = text;
    const field = block.querySelector(".field, input");
    field?.setAttribute("aria-invalid", String(text !== ""));
    if (text) first ||= field;
  }
  first?.focus();
  return first === null && Object.keys(errors).length === 0;
}

async function leave(view) {
  try {
    await api.act(state.me, "close_view", { view_id: view.id });
  } catch (problem) {
    note(problem.message, "bad");
    return;
  }
  kept.delete(view.id);
  await refreshModals();
}
