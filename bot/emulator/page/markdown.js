// Standard Markdown as Slack's markdown block takes it: headings, lists, quotes, code, links.
// Shares the rule of mrkdwn.js: nodes only, addresses http(s) only.

import { el, link } from "./dom.js";
import { emojiNode, mention, unescape } from "./mrkdwn.js";

const INLINE =
  /`([^`\n]+)`|\[([^\]\n]*)\]\(([^()\s]+(?:\([^()\s]*\))?)\)|<(https?:\/\/[^<>\s|]+)>|<@([A-Z0-9]+)>|\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__|~~(?=\S)(.+?)(?<=\S)~~|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)|(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)|:([a-z0-9_+-]{1,40}):|\\([\\`*_{}[\]()#+.!~>|-])/g;

function span(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const node = spanNode(found);
    if (node === null) continue;
    if (found.index > from) nodes.push(unescape(text.slice(from, found.index)));
    nodes.push(node);
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(unescape(text.slice(from)));
  return nodes;
}

function spanNode([
  ,
  code,
  label,
  address,
  bare,
  user,
  bold,
  bold2,
  strike,
  italic,
  italic2,
  emoji,
  literal,
]) {
  if (code !== undefined) return el("code", { class: "code", text: unescape(code) });
  if (address !== undefined) return link(unescape(address), unescape(label || address));
  if (bare !== undefined) return link(bare, bare);
  if (user !== undefined) return mention(user);
  if (bold ?? bold2) return el("strong", {}, span(bold ?? bold2));
  if (strike !== undefined) return el("s", {}, span(strike));
  if (italic ?? italic2) return el("em", {}, span(italic ?? italic2));
  if (emoji !== undefined) return emojiNode(emoji);
  return literal;
}

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const BULLET = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const FENCE = /^\s*(```|~~~)/;

/** Nodes for a Markdown text. */
export function markdown(source) {
  const lines = String(source ?? "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  const nodes = [];
  let at = 0;
  const takeWhile = (test) => {
    const taken = [];
    while (at < lines.length && test(lines[at])) taken.push(lines[at++]);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === "") at += 1;
    else if (FENCE.test(line)) {
      at += 1;
      const body = takeWhile((next) => !FENCE.test(next));
      at += 1;
      nodes.push(el("pre", { class: "pre", text: unescape(body.join("\n")) }));
    } else if (HEADING.test(line)) {
      at += 1;
      nodes.push(
        el(
          "p",
          { class: "md-heading", role: "heading", "aria-level": 4 },
          span(line.match(HEADING)[2]),
        ),
      );
    } else if (RULE.test(line)) {
      at += 1;
      nodes.push(el("hr"));
    } else if (BULLET.test(line)) nodes.push(list(takeWhile((next) => BULLET.test(next))));
    else if (line.startsWith(">")) {
      const quoted = takeWhile((next) => next.startsWith(">")).map((next) =>
        next.replace(/^> ?/, ""),
      );
      nodes.push(el("blockquote", {}, broken(quoted)));
    } else nodes.push(el("p", {}, broken(takeWhile(isProse))));
  }
  return nodes;
}

const isProse = (line) =>
  line.trim() !== "" &&
  ![FENCE, HEADING, RULE, BULLET].some((mark) => mark.test(line)) &&
  !line.startsWith(">");

const broken = (lines) =>
  lines.flatMap((line, index) => (index ? [el("br"), ...span(line)] : span(line)));

function list(lines) {
  const rows = lines.map((line) => line.match(BULLET));
  const first = rows[0][2];
  const node = el(first ? "ol" : "ul", first && first !== "1" ? { start: Number(first) } : {});
  const margin = rows[0][1].length;
  for (let at = 0; at < rows.length;) {
    const item = el("li", {}, span(rows[at][3]));
    node.append(item);
    at += 1;
    const inner = [];
    while (at < rows.length && rows[at][1].length > margin + 1) inner.push(lines[at++]);
    if (inner.length) item.append(list(inner));
  }
  return node;
}
