// A press and what is seen of it: pending until something happened, else an honest word.

import { api } from "./api.js";
import { confirmed } from "./dialog.js";
import { el, note } from "./dom.js";
import { on, state } from "./state.js";

const PATIENCE = 3000; // ms
const waiting = new Set();

/** Send an act as the sitting member; a refusal is shown and returned as null. */
export async function act(kind, body) {
  try {
    return await api.act(state.me, kind, body);
  } catch (problem) {
    note(problem.message, "bad");
    return null;
  }
}

/** A ctx.press for a surface: `kind`, `where` and what `more()` gives at that moment make up the act. */
export function presser(kind, where, more = () => ({})) {
  return async (element, block, value, node, { quiet = false, after = null } = {}) => {
    if (node.getAttribute("aria-busy") === "true" || !(await confirmed(element.confirm))) return;
    after?.();
    const settle = quiet ? () => {} : wait(node);
    try {
      await api.act(state.me, kind, {
        ...where,
        ...more(),
        action_id: element.action_id,
        block_id: block.block_id,
        value,
      });
    } catch (problem) {
      settle();
      say(node, problem.status ? problem.message : "That did not get through, try again.");
    }
  };
}

function wait(node) {
  node.setAttribute("aria-busy", "true");
  clear(node);
  const settle = () => {
    clearTimeout(timer);
    waiting.delete(settle);
    node.removeAttribute("aria-busy");
  };
  settle.node = node;
  const timer = setTimeout(() => {
    settle();
    if (node.isConnected) say(node, "That did not get through, try again.");
  }, PATIENCE);
  waiting.add(settle);
  return settle;
}

function say(node, text) {
  clear(node);
  node.closest(".block")?.append(el("p", { class: "press-error", role: "alert", text }));
}

function clear(node) {
  node.closest(".block")?.querySelector(".press-error")?.remove();
}

// Whatever the bot did after the press (a changed message, an answer, a modal) ends the wait.
on("happened", () => {
  for (const settle of [...waiting]) settle();
  for (const old of document.querySelectorAll(".press-error")) old.remove();
});
