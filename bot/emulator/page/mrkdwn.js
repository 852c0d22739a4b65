// Slack's mrkdwn, read into nodes. Links, code and mentions are cut out first and stand as single
// private-use characters while bold, italic and strike are paired, so a mark inside an address
// cannot pair with one outside it.

import { el, link, safeUrl } from "./dom.js";
import { drawsEmoji, emojiFor } from "./emoji.js";
import { channelNamed, nameOf, person, state, zone } from "./state.js";
import { dateTokens } from "./time.js";

const FIRST = 0xe000;
const ROOM = 6000;
const TAGS = { "*": "strong", _: "em", "~": "s" };
const ATOM = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]{1,40}):/g;

export const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Nodes for mrkdwn text: blocks of code, quotes and lines. */
export function mrkdwn(source) {
  const text = String(source ?? "").replace(/[\ue000-\uf8ff]/g, "");
  const nodes = [];
  text.split("```").forEach((part, index, parts) => {
    const open = index % 2 === 1;
    if (open && index < parts.length - 1)
      nodes.push(el("pre", { class: "pre", text: unescape(part.replace(/^\n|\n$/g, "")) }));
    else
      nodes.push(
        ...lines(open ? "```" + part : trimAround(part, index > 0, index < parts.length - 1)),
      );
  });
  return nodes;
}

// A fence stands on its own line anyway, so the line breaks that touch it would show as empty lines.
function trimAround(part, after, before) {
  let text = part;
  if (after) text = text.replace(/^\n/, "");
  if (before) text = text.replace(/\n$/, "");
  return text;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  let fresh = true; // no break is due before the next line
  let rest = false; // after >>> everything is quoted
  if (text === "") return nodes;
  for (const line of text.split("\n")) {
    const marked = rest
      ? ["", line]
      : line.match(/^(?:&gt;|>){3}(.*)$/s) || line.match(/^(?:&gt;|>) ?(.*)$/s);
    if (marked) {
      rest ||= /^(?:&gt;|>){3}/.test(line);
      if (!quote) nodes.push((quote = el("blockquote")));
      else quote.append(el("br"));
      quote.append(...inline(marked[1]));
      fresh = true;
      continue;
    }
    quote = null;
    if (!fresh) nodes.push(el("br"));
    nodes.push(...inline(line));
    fresh = false;
  }
  return nodes;
}

/** Nodes for one line. */
export function inline(line) {
  const atoms = [];
  const keep = (node, whole) => {
    if (node === null || atoms.length >= ROOM) return whole;
    atoms.push(node);
    return String.fromCharCode(FIRST + atoms.length - 1);
  };
  const text = line.replace(ATOM, (whole, code, angle, emoji) => {
    if (code !== undefined) return keep(el("code", { class: "code", text: unescape(code) }), whole);
    if (angle !== undefined) return keep(reference(angle), whole);
    return keep(emojiNode(emoji), whole);
  });
  return pair(text, atoms);
}

export function emojiNode(name) {
  const glyph = emojiFor(name);
  if (!glyph) return null;
  const drawn = drawsEmoji();
  const kind = drawn ? "emoji" : "emoji named";
  return el("span", {
    class: kind,
    role: "img",
    "aria-label": name.replaceAll("_", " "),
    text: drawn ? glyph : `:${name}:`,
  });
}

function pair(text, atoms) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    nodes.push(...leaves(plain, atoms));
    plain = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const end = TAGS[text[at]] ? closing(text, at) : -1;
    if (end < 0) {
      plain += text[at];
      continue;
    }
    flush();
    nodes.push(el(TAGS[text[at]], {}, pair(text.slice(at + 1, end), atoms)));
    at = end;
  }
  flush();
  return nodes;
}

// Where the mark at `at` closes: it opens before and closes after a word, as Slack has it.
function closing(text, at) {
  const word = /[\p{L}\p{N}]/u;
  const mark = text[at];
  if (at > 0 && (word.test(text[at - 1]) || text[at - 1] === mark)) return -1;
  if (!text[at + 1] || /\s/.test(text[at + 1]) || text[at + 1] === mark) return -1;
  for (let end = text.indexOf(mark, at + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    if (!/\s/.test(text[end - 1]) && !(text[end + 1] && word.test(text[end + 1]))) return end;
  }
  return -1;
}

function leaves(text, atoms) {
  const nodes = [];
  let plain = "";
  for (const char of text) {
    const atom = atoms[char.charCodeAt(0) - FIRST];
    if (!atom) {
      plain += char;
      continue;
    }
    if (plain) nodes.push(unescape(plain));
    plain = "";
    nodes.push(atom);
  }
  if (plain) nodes.push(unescape(plain));
  return nodes;
}

/** What stands between < and >: a person, a channel, everyone, a date or an address. */
export function reference(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) {
    return el("span", {
      class: "mention",
      text: `#${channelNamed(target.slice(1))?.name || label || "private channel"}`,
    });
  }
  const date = target.match(/^!date\^(\d+)\^([^^]*)/);
  if (date) return el("time", { text: dateTokens(date[1], unescape(date[2]), zone()) });
  if (target.startsWith("!"))
    return el("span", { class: "mention", text: label || `@${target.slice(1).split("^")[0]}` });
  if (target.startsWith("mailto:")) return el("span", { text: label || target.slice(7) });
  const address = unescape(target);
  return safeUrl(address) ? link(address, label || address) : null;
}

export function mention(id, label = "") {
  const mine = id === state.me ? " me" : "";
  const known = person(id);
  return el("span", {
    class: `mention${mine}`,
    text: `@${known ? nameOf(known) : label || "someone"}`,
  });
}

/** A Block Kit text object: mrkdwn is read, plain text stands as it is. */
export function textObject(object) {
  if (!object) return [];
  if (typeof object === "string") return [object];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  if (object.emoji !== true) return [object.text ?? ""];
  return String(object.text ?? "")
    .split(/:([a-z0-9_+-]{1,40}):/)
    .map((part, index) => (index % 2 ? emojiNode(part) || `:${part}:` : part));
}
