// Block Kit, block by block. `ctx` says what a press does ({press, readers, saved}).

import { el } from "./dom.js";
import { drawElement, picture, unknown } from "./elements.js";
import { drawInput, holdsValue } from "./inputs.js";
import { markdown } from "./markdown.js";
import { textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

let serial = 0;

function section(block, ctx) {
  return [
    el(
      "div",
      { class: "section-text" },
      block.text && el("div", { class: "text" }, textObject(block.text)),
      block.fields &&
        el(
          "div",
          { class: "fields" },
          block.fields.map((field) => el("div", { class: "text" }, textObject(field))),
        ),
    ),
    block.accessory && el("div", { class: "accessory" }, drawElement(block.accessory, block, ctx)),
  ];
}

function context(block) {
  return (block.elements || []).map((element) =>
    element.type === "image"
      ? picture(element)
      : el("span", { class: "text" }, textObject(element)),
  );
}

const row = (block, ctx) =>
  (block.elements || []).map((element) => drawElement(element, block, ctx));

function input(block, ctx) {
  serial += 1;
  const id = `label-${serial}`;
  if (!block.element || !holdsValue(block.element))
    return [unknown(block.element?.type || "input")];
  return [
    el(
      "div",
      { id, class: "label" },
      textObject(block.label),
      block.optional && el("span", { class: "muted", text: " (optional)" }),
    ),
    drawInput(block.element, block, ctx, {
      labelledby: id,
      dispatches: Boolean(block.dispatch_action),
    }),
    el("p", { class: "field-error", role: "alert" }),
    block.hint && el("p", { class: "hint" }, textObject(block.hint)),
  ];
}

const DRAW = {
  section,
  context,
  input,
  actions: row,
  context_actions: row,
  header: (block) => [el("h3", {}, textObject(block.text))],
  divider: () => [el("hr")],
  image: (block) => [
    block.title && el("p", { class: "muted" }, textObject(block.title)),
    picture(block),
  ],
  markdown: (block) => markdown(block.text),
  rich_text: richText,
};

/** Nodes for a list of blocks; ids Slack would have filled in are filled in here if they are missing. */
export function drawBlocks(blocks, ctx) {
  return (blocks || []).map((block, index) => {
    const named = { ...block, block_id: block.block_id || `block-${index}` };
    const draw = DRAW[block.type];
    return el(
      "div",
      { class: `block block-${block.type}`, data: { block: named.block_id } },
      draw ? draw(named, ctx) : unknown(block.type),
    );
  });
}
