// Building the page. Everything a person, an item or the bot wrote reaches the document through
// here, as text nodes and checked attributes; there is no way in for markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element; functions become listeners, `text` its text, `data` its dataset. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(key, value);
    else if (key === "text") node.textContent = value;
    else if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (/^(on|srcdoc|style$)/i.test(key)) throw new Error(`attribute ${key} is not allowed`);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** The address if it is http(s), else null: nothing else may become a link. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page, or plain text when the address is not to be trusted. */
export function link(address, label) {
  const href = safeUrl(address);
  if (!href) return el("span", {}, label || address);
  return el(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer", class: "link" },
    label || address,
  );
}

const SHAPES = {
  hash: "M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  menu: "M4 7h16M4 12h16M4 17h16",
  dots: "M12 5.2v.1M12 12v.1M12 18.8v.1",
  send: "M4 20l17-8L4 4l2.5 8zM6.5 12H13",
  reply: "M20 12a8 7 0 0 1-11.5 6.3L4 20l1.3-4A7 7 0 1 1 20 12z",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5c2 2.4 5 2.4 7 0M9 9.5v.1M15 9.5v.1",
  check: "M5 13l4.5 4.5L19 7",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2z",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  sun: "M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  play: "M8 5l11 7-11 7z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.2l3.2 2",
  spark: "M5.5 15c0-4.6 2.8-8 6.5-8s6.5 3.4 6.5 8M12 16v.1",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13",
  thumbs_up:
    "M7 11v9H4v-9zM7 11l4-7c1.8 0 2.5 1.4 2 3l-.8 3H18c1.4 0 2.2 1.2 1.8 2.5l-1.6 6c-.2.9-1 1.5-2 1.5H7",
  thumbs_down:
    "M17 13V4h3v9zM17 13l-4 7c-1.8 0-2.5-1.4-2-3l.8-3H6c-1.4 0-2.2-1.2-1.8-2.5l1.6-6C6 4.6 6.8 4 7.8 4H17",
  flag: "M6 21V4M6 5h11l-2 3.5 2 3.5H6",
  bulb: "M9.5 18h5M10.5 21h3M12 3a6 6 0 0 0-3.5 10.9c.6.5 1 1.1 1 1.8h5c0-.7.4-1.3 1-1.8A6 6 0 0 0 12 3z",
};

/** A small line drawing of our own; decoration only, so it is hidden from screen readers. */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name] || SHAPES.dots);
  svg.append(path);
  return svg;
}

/** A button of the page itself that shows only an icon, named for those who cannot see it. */
export function iconButton(name, label, click, props = {}) {
  return el(
    "button",
    { type: "button", class: "icon-btn", "aria-label": label, title: label, click, ...props },
    icon(name),
  );
}

/** Say something in the corner, for a few seconds. */
export function note(text, kind = "") {
  const notes = document.getElementById("notes");
  if ([...notes.children].some((one) => one.textContent === text)) return; // it stands there already
  const node = el("div", { class: `note ${kind}`, text });
  notes.append(node);
  setTimeout(() => node.remove(), 6000);
}
