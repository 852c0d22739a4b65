// A menu that opens at a button: arrow keys, Home and End, first letters, Escape; focus goes back.

import { el } from "./dom.js";

let open = null;

export function closeMenu(refocus = true) {
  if (!open) return;
  const { node, anchor, away } = open;
  open = null;
  document.removeEventListener("pointerdown", away, true);
  window.removeEventListener("resize", hide);
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && anchor.isConnected) anchor.focus();
}

const hide = () => closeMenu(false);

/**
 * Open `items` ({label, detail?, checked?, danger?, choose}) below `anchor`.
 * With `many`, items are ticked and the menu stays until it is left.
 */
export function openMenu(anchor, items, { label = "Menu", many = false } = {}) {
  if (open?.anchor === anchor) return closeMenu();
  closeMenu(false);
  const rows = items.map((item) => row(item, many));
  const node = el("div", { class: "menu", role: "menu", "aria-label": label, tabindex: -1 }, rows);
  node.addEventListener("keydown", (event) => steer(event, rows));
  // A modal dialog makes everything outside it inert, so the menu lives inside the one it serves.
  (anchor.closest("dialog") || document.body).append(node);
  place(node, anchor);
  const away = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) closeMenu(false);
  };
  open = { node, anchor, away };
  document.addEventListener("pointerdown", away, true);
  window.addEventListener("resize", hide);
  anchor.setAttribute("aria-expanded", "true");
  rows[0]?.focus();
  return node;
}

function row(item, many) {
  const button = el(
    "button",
    {
      type: "button",
      tabindex: -1,
      role: many ? "menuitemcheckbox" : "menuitem",
      class: `menu-row${item.danger ? " danger" : ""}${item.emoji ? " only-emoji" : ""}`,
      "aria-checked": many ? String(Boolean(item.checked)) : null,
      "aria-label": item.name,
    },
    el(
      "span",
      { class: "menu-label" },
      typeof item.label === "object" && !Array.isArray(item.label)
        ? item.label.cloneNode(true)
        : item.label,
    ),
    item.detail && el("span", { class: "menu-detail" }, item.detail),
  );
  button.addEventListener("click", () => {
    if (!many) closeMenu();
    const ticked = item.choose();
    if (many) button.setAttribute("aria-checked", String(Boolean(ticked)));
  });
  return button;
}

function steer(event, rows) {
  const at = rows.indexOf(document.activeElement);
  const moves = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: rows.length - 1,
  };
  if (event.key in moves) rows.at(moves[event.key] % rows.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else if (event.key.length === 1 && /\S/.test(event.key)) {
    const letter = event.key.toLowerCase();
    [...rows.slice(at + 1), ...rows]
      .find((one) => one.textContent.toLowerCase().startsWith(letter))
      ?.focus();
    return;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(node, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  const below = box.bottom + 4 + height <= innerHeight || box.top < height + 8;
  const top = below ? Math.min(box.bottom + 4, innerHeight - height - 8) : box.top - height - 4;
  node.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, top)}px`;
}
