// Slack's rich_text block: what the composer of a real client sends.

import { el, link } from "./dom.js";
import { emojiNode, mention, reference } from "./mrkdwn.js";

const STYLES = [
  ["code", "code"],
  ["strike", "s"],
  ["italic", "em"],
  ["bold", "strong"],
];

function leaf(element) {
  if (element.type === "link") return link(element.url, element.text || element.url);
  if (element.type === "user") return mention(element.user_id);
  if (element.type === "channel") return reference(`#${element.channel_id}`);
  if (element.type === "broadcast") return reference(`!${element.range}`);
  if (element.type === "emoji") return emojiNode(element.name) || `:${element.name}:`;
  if (element.type === "date")
    return element.fallback || new Date(element.timestamp * 1000).toUTCString();
  return element.text ?? "";
}

function styled(element) {
  return STYLES.reduce(
    (node, [style, tag]) =>
      element.style?.[style] ? el(tag, tag === "code" ? { class: "code" } : {}, node) : node,
    leaf(element),
  );
}

const run = (element) => (element.elements || []).map(styled);

function part(element) {
  if (element.type === "rich_text_preformatted") return el("pre", { class: "pre" }, run(element));
  if (element.type === "rich_text_quote")
    return el("blockquote", { class: "breaks" }, run(element));
  if (element.type === "rich_text_list") {
    const rows = (element.elements || []).map((row) => el("li", {}, run(row)));
    return el(
      element.style === "ordered" ? "ol" : "ul",
      { class: `indent-${Math.min(element.indent || 0, 4)}` },
      rows,
    );
  }
  return el("div", { class: "breaks" }, run(element));
}

export const richText = (block) => (block.elements || []).map(part);
