// Starts the page: set-up screen or desk, then keeps both in step with the emulator's events.

import { api, listen } from "./api.js";
import { drawClock, drawProgress, drawStrip } from "./controls.js";
import { goTo, refresh } from "./conversation.js";
import { note } from "./dom.js";
import { dropModals, refreshModals } from "./modal.js";
import { firstSeat } from "./people.js";
import { showResult } from "./result.js";
import { drawSetup, dropSetup } from "./setup.js";
import {
  botDm,
  channelNamed,
  dmOf,
  on,
  remember,
  remembered,
  seats,
  state,
  tell,
} from "./state.js";
import { refreshSidebar, wireSidebar } from "./sidebar.js";
import { closeThread, openThread, refreshThread } from "./thread.js";

const AGAIN = 1500; // ms between looks while the set-up runs
let hush = () => {};
let extension = null; // what whoever runs the emulator adds to the page
let settingUp = true; // until the bot has written to somebody, progress is that of the set-up

async function boot() {
  state.boot = await api.boot();
  state.clock = state.boot.clock || 0;
  state.busy = state.boot.busy || null;
  if (state.boot.extended && !extension) {
    extension = (await import("/extension/main.js")).default;
    extension.open();
  }
}

async function start() {
  try {
    await boot();
  } catch (problem) {
    drawSetup({ text: "Opening the workspace" }, problem.message);
    if (problem.status === 0 || problem.status >= 500) setTimeout(start, AGAIN);
    return;
  }
  const first = seats().length ? await firstSeat() : { id: null, written: false };
  settingUp = !first.written;
  if (!first.id || (state.busy && settingUp)) {
    drawSetup(state.busy);
    watchSetup();
    return;
  }
  dropSetup();
  const kept = remembered();
  const back = seats().some((one) => one.id === kept.user);
  const newcomer = back || !extension ? null : await extension.welcome();
  if (newcomer) {
    await boot();
    await sit(newcomer);
    // the dialog that had the focus is gone: from the messages the next Tab leads to their buttons
    document.querySelector("#main .log")?.focus({ preventScroll: true });
    return;
  }
  await sit(back ? kept.user : first.id, back ? kept : {});
}

// Nobody to sit down as yet: listen as the bot itself, and look now and then in case an event is lost.
function watchSetup() {
  hush();
  const again = () => {
    clearInterval(look);
    hush();
    start();
  };
  const look = setInterval(async () => {
    await boot().catch(() => {});
    if (seats().length && !state.busy) again();
  }, AGAIN);
  hush = listen(state.boot.bot_user, (event) => duringSetup(event, again), again);
}

// An event of the set-up; true when it was one.
function duringSetup(event, again) {
  if (event.type === "progress") drawSetup(event);
  else if (event.type === "done" && event.error)
    drawSetup({ text: "Stopped" }, String(event.error.message || event.error));
  else if (event.type === "done") again();
  else return false;
  return true;
}

/** Sit down at a member's desk; `kept` is where an earlier visit was. */
async function sit(user, kept = {}) {
  hush();
  closeThread({ refocus: false });
  dropModals();
  // nothing of the former desk may be asked for in the new one's name
  const empty = { channels: [], dms: [] };
  Object.assign(state, { me: user, place: state.boot.bot_user, sidebar: empty });
  await refreshSidebar();
  drawStrip();
  const there =
    kept.at && (channelNamed(kept.at) || dmOf(kept.at) || kept.at === state.boot.bot_user);
  goTo(there ? kept.at : state.boot.bot_user, {
    tab: there && kept.tab === "home" ? "home" : "messages",
  });
  if (there && kept.thread) openThread(kept.thread, { focus: false });
  hush = listen(user, hear, reload, () =>
    note("The demo has gone quiet. If it still runs, the page comes back by itself.", "bad"),
  );
  refreshModals();
  tell("sat", user);
}

async function reload() {
  if (settingUp && !state.busy) {
    await start();
    return;
  }
  await boot().catch((problem) => note(problem.message, "bad"));
  drawStrip();
  await Promise.all([refreshSidebar(), refresh(), refreshThread(), refreshModals()]);
}

// Events come in bursts (a streamed answer is many): one look serves those of a moment.
function soon(run, pause = 60) {
  let due = null;
  return () => {
    due ||= setTimeout(async () => {
      due = null;
      await run();
    }, pause);
  };
}

const lookAtMessages = soon(async () => {
  // A bot that writes to this member for the first time opens a conversation that was not there.
  await refreshSidebar();
  if (state.place === state.boot.bot_user && botDm()) {
    state.place = botDm().id;
    remember();
    goTo(state.place, { tab: state.tab });
  }
  await Promise.all([refresh(), refreshThread()]);
});
const lookAtModals = soon(refreshModals, 10);
const lookAtHome = soon(refresh);
const lookAtSidebar = soon(refreshSidebar);

function hear(event) {
  if (settingUp && !state.busy && duringSetup(event, start)) return;
  if (["message", "home", "modal"].includes(event.type)) tell("happened", event);
  if (event.type === "message" || event.type === "prompts") lookAtMessages();
  else if (event.type === "modal") lookAtModals();
  else if (event.type === "home") lookAtHome();
  else if (event.type === "clock") {
    state.clock = event.clock;
    drawClock();
  } else if (event.type === "progress") {
    state.busy = { text: event.text, fraction: event.fraction };
    drawProgress();
  } else if (event.type === "done") finished(event);
  else if (event.type === "extension") tell("extension", event);
}

async function finished(event) {
  state.busy = null;
  await reload();
  showResult(event);
}

on("stale", lookAtMessages);
on("read", lookAtSidebar);
on("seat", (user) => sit(user));
wireSidebar();
start();
