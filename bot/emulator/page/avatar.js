// A face for everyone: initials on a colour that follows from the id, so it never changes.

import { el, icon } from "./dom.js";
import { nameOf, state } from "./state.js";

const HUES = 10;

function hue(text) {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return sum % HUES;
}

const initials = (name) => {
  const words = name.split(/[\s.@-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return (
    letters
      .map((word) => [...word].find((char) => /[\p{L}\p{N}]/u.test(char)))
      .join("")
      .toUpperCase() || "?"
  );
};

/** The avatar of a person; `presence` adds the dot. */
export function avatar(one, { size = "", presence = false } = {}) {
  const ours = one && one.id === state.boot.bot_user;
  const face = el(
    "span",
    {
      class: `avatar ${size} ${ours ? "ours" : `hue-${hue(one?.id || "?")}`}`,
      "aria-hidden": "true",
    },
    ours ? icon("spark") : el("span", { text: initials(nameOf(one)) }),
  );
  if (!presence) return face;
  return el("span", { class: "avatar-seat" }, face, dot(one));
}

export function dot(one) {
  const here = one?.presence === "active";
  return el("span", {
    class: `dot ${here ? "here" : ""}`,
    role: "img",
    "aria-label": here ? "active" : "away",
  });
}
