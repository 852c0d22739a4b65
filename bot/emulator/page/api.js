// The page's calls to the emulator. Every failure becomes a Problem with words for a person.

export class Problem extends Error {
  constructor(message, { error = "", errors = null, status = 0 } = {}) {
    super(message);
    this.error = error;
    this.errors = errors;
    this.status = status;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Problem("The demo does not answer. Is it still running in the terminal?", {
      error: "unreachable",
    });
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (response.ok && body && body.ok !== false) return body;
  const words = body?.message || wordsFor(body?.error, response.status);
  throw new Problem(words, {
    error: body?.error || "",
    errors: body?.errors || null,
    status: response.status,
  });
}

function wordsFor(error, status) {
  if (status === 401 || status === 403)
    return "This page needs the whole address that the demo printed, with its token.";
  if (status === 409) return "The demo is busy. Wait until the bar at the top is gone.";
  return error ? error.replaceAll("_", " ") : `The emulator answered ${status}.`;
}

const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(given).toString();
  return call(search ? `${path}?${search}` : path);
};

const post = (path, body) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

export const api = {
  boot: () => get("/page/boot"),
  sidebar: (user) => get("/page/sidebar", { user }),
  messages: (user, channel, thread_ts) => get("/page/messages", { user, channel, thread_ts }),
  /** `peek` reads the home tab without telling the bot that somebody opened it. */
  home: (user, peek = false) => get("/page/home", { user, peek: peek ? 1 : null }),
  modals: (user) => get("/page/modals", { user }),
  act: (user, kind, body) => post("/page/act", { user, kind, ...body }),
  control: (name) => post("/page/control", { name }),
  /** Ask what the extension answers; a File goes as it is. */
  ask: (name, given = {}, user = "") => {
    const query = new URLSearchParams(given instanceof File ? { user, name: given.name } : { user });
    const path = `/page/ask/${name}?${query}`;
    return given instanceof File ? call(path, { method: "POST", body: given }) : post(path, given);
  },
};

/** Listen as one member. The browser reconnects by itself: `gone` runs when the line
 * drops, `again` when it is back. */
export function listen(user, handle, again, gone = () => {}) {
  const source = new EventSource(`/page/events?user=${encodeURIComponent(user)}`);
  let opened = false;
  let lost = false;
  source.onopen = () => {
    if (opened) again();
    opened = true;
    lost = false;
  };
  source.onerror = () => {
    if (opened && !lost) gone();
    lost = true;
  };
  source.onmessage = (event) => {
    try {
      handle(JSON.parse(event.data));
    } catch (problem) {
      console.error("an event could not be read", problem);
    }
  };
  return () => source.close();
}
