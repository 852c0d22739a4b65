// What the page knows, in one place, and who wants to hear when it changes.

export const state = {
  boot: {
    workspace: { name: "", id: "" },
    notice: "",
    people: [],
    bot_user: "",
    controls: [],
    shortcuts: [], // of the app, for any message
    clock: 0,
    busy: null,
  },
  me: null, // id of the member at whose desk we sit
  sidebar: { channels: [], dms: [] },
  place: null, // id of the open conversation; the bot's own id while it has none yet
  tab: "messages", // of the bot's entry: messages | home
  thread: null, // ts of the open thread's first message
  clock: 0,
  busy: null, // {text, fraction} while the demo works
};

const hearers = new Map();

export function on(topic, hear) {
  hearers.set(topic, [...(hearers.get(topic) || []), hear]);
}

export function tell(topic, data) {
  for (const hear of hearers.get(topic) || []) hear(data);
}

export const person = (id) => state.boot.people.find((one) => one.id === id) || null;

export const nameOf = (one) => one?.real_name || one?.name || "Someone";

export const me = () => person(state.me);

export const zone = () => me()?.tz || "UTC";

/** Members one may sit down as: people, not bots and not those who left. */
export const seats = () => state.boot.people.filter((one) => !one.is_bot && !one.deleted);

export const botDm = (sidebar = state.sidebar) =>
  sidebar.dms.find((dm) => dm.user === state.boot.bot_user) || null;

export const channelNamed = (id) =>
  state.sidebar.channels.find((channel) => channel.id === id) || null;

export const dmOf = (id) => state.sidebar.dms.find((dm) => dm.id === id) || null;

/** Is the open conversation the one with the bot (its entry has tabs)? */
export const atBot = () =>
  state.place === state.boot.bot_user || dmOf(state.place)?.user === state.boot.bot_user;

/** Where we are, kept in the address so that a reload comes back here. */
export function remember() {
  const parts = new URLSearchParams({
    user: state.me || "",
    at: state.place || "",
    tab: state.tab,
  });
  if (state.thread) parts.set("thread", state.thread);
  history.replaceState(null, "", `${location.pathname}#${parts}`);
}

export function remembered() {
  const parts = new URLSearchParams(location.hash.slice(1));
  return {
    user: parts.get("user"),
    at: parts.get("at"),
    tab: parts.get("tab"),
    thread: parts.get("thread"),
  };
}
