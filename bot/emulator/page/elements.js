// The elements that are pressed: buttons, overflow menus, feedback and icon buttons.

import { el, icon, safeUrl } from "./dom.js";
import { drawInput, holdsValue } from "./inputs.js";
import { openMenu } from "./menu.js";
import { textObject } from "./mrkdwn.js";

const ICONS = { trash: "trash", thumbs_up: "thumbs_up", thumbs_down: "thumbs_down", flag: "flag" };

function button(element, block, ctx) {
  const style = element.style === "primary" || element.style === "danger" ? element.style : "";
  const href = element.url ? safeUrl(element.url) : null;
  const props = {
    class: `btn ${style}`.trim(),
    "aria-label": element.accessibility_label,
    data: { action: element.action_id || "" },
  };
  const label = textObject(element.text);
  if (!href) {
    const node = el("button", { type: "button", ...props }, label);
    node.addEventListener("click", () => ctx.press(element, block, element.value ?? null, node));
    return node;
  }
  const node = el("a", { href, target: "_blank", rel: "noopener noreferrer", ...props }, label);
  node.addEventListener("click", (event) => {
    if (element.confirm) event.preventDefault();
    // The tab opens by the link itself; a confirmed one opens once the answer is in.
    const after = element.confirm ? () => window.open(href, "_blank", "noopener,noreferrer") : null;
    ctx.press(element, block, element.value ?? null, node, { quiet: true, after });
  });
  return node;
}

function overflow(element, block, ctx) {
  const node = el(
    "button",
    {
      type: "button",
      class: "btn square",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      data: { action: element.action_id || "" },
    },
    icon("dots"),
  );
  const items = (element.options || []).map((option) => ({
    label: textObject(option.text),
    detail: option.description ? textObject(option.description) : null,
    choose: () => {
      const href = option.url ? safeUrl(option.url) : null;
      if (href) window.open(href, "_blank", "noopener,noreferrer");
      ctx.press(element, block, option.value ?? null, node, { quiet: Boolean(href) });
    },
  }));
  node.addEventListener("click", () => openMenu(node, items, { label: "More actions" }));
  return node;
}

function feedback(element, block, ctx) {
  const one = (given, name) => {
    const label = given.accessibility_label || given.text?.text || name.replace("_", " ");
    const node = el(
      "button",
      {
        type: "button",
        class: "btn icon-only",
        "aria-label": label,
        title: given.text?.text || label,
      },
      icon(name),
    );
    node.addEventListener("click", () => ctx.press(element, block, given.value ?? null, node));
    return node;
  };
  return el(
    "span",
    { class: "feedback", role: "group", "aria-label": "Feedback" },
    element.positive_button && one(element.positive_button, "thumbs_up"),
    element.negative_button && one(element.negative_button, "thumbs_down"),
  );
}

function iconElement(element, block, ctx) {
  const label = element.accessibility_label || element.text?.text || "Press";
  const node = el(
    "button",
    {
      type: "button",
      class: "btn icon-only",
      "aria-label": label,
      title: element.text?.text || label,
      data: { action: element.action_id || "" },
    },
    icon(ICONS[element.icon] || "dots"),
  );
  node.addEventListener("click", () => ctx.press(element, block, element.value ?? null, node));
  return node;
}

const DRAW = { button, overflow, feedback_buttons: feedback, icon_button: iconElement };

/** One interactive element of a section, an actions row or a context_actions row. */
export function drawElement(element, block, ctx) {
  if (element.type in DRAW) return DRAW[element.type](element, block, ctx);
  if (holdsValue(element)) return drawInput(element, block, ctx, { dispatches: true });
  if (element.type === "image") return picture(element);
  return unknown(element.type);
}

/** No address outside the machine is fetched, so an image is its description. */
export const picture = (element) =>
  el(
    "span",
    { class: "picture", role: "img", "aria-label": element.alt_text || "image" },
    icon("eye"),
    element.alt_text || "image",
  );

export const unknown = (type) =>
  el("span", { class: "unknown", text: `This page does not draw "${type}".` });
