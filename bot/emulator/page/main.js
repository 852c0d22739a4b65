// Starts the page: set-up screen or desk, then keeps both in step with the emulator's events.

import { api, listen } from "./api.js";
import { drawClock, drawProgress, drawStrip } from "./controls.js";
import { goTo, refresh } from "./conversation.js";
import { note } from "./dom.js";
import { dropModals, refreshModals } from "./modal.js";
import { firstSeat } from "./people.js";
import { showResult } from "./result.js";
import { drawSetup, dropSetup } from "./setup.js";
import { botDm, channelNamed, dmOf, on, person, remember, remembered, seats, state, tell } from "./state.js";
import { refreshSidebar, wireSidebar } from "./sidebar.js";
import { closeThread, openThread, refreshThread } from "./thread.js";

const AGAIN = 1500; // ms between looks while the set-up runs
let hush = () => {};
let atDesk = false;

async function boot() {
  state.boot = await api.boot();
  state.clock = state.boot.clock || 0;
  state.busy = state.boot.busy || null;
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
  // Busy before anybody was written to is the set-up; busy after it is the night.
  if (!first.id || (state.busy && !first.written)) {
    drawSetup(state.busy);
    if (!atDesk) watchSetup();
    return;
  }
  dropSetup();
  atDesk = true;
  const kept = remembered();
  await sit(person(kept.user) ? kept.user : first.id, person(kept.user) ? kept : {});
}

// The set-up's progress comes by event; a look now and then also finds its end.
function watchSetup() {
  hush();
  const look = setInterval(async () => {
    await boot().catch(() => {});
    if (seats().length && !state.busy) finish();
    else if (state.busy) drawSetup(state.busy);
  }, AGAIN);
  const finish = () => {
    clearInterval(look);
    hush();
    start();
  };
  hush = listen("", (event) => {
    if (event.type === "progress") drawSetup(event);
    else if (event.type === "done" && event.error) drawSetup({ text: "Stopped" }, String(event.error.message || event.error));
    else if (event.type === "done") finish();
  }, () => {});
}

/** Sit down at a member's desk; `kept` is where an earlier visit was. */
async function sit(user, kept = {}) {
  hush();
  closeThread({ refocus: false });
  dropModals();
  state.me = user;
  await refreshSidebar();
  drawStrip();
  const there = kept.at && (channelNamed(kept.at) || dmOf(kept.at) || kept.at === state.boot.bot_user);
  goTo(there ? kept.at : state.boot.bot_user, { tab: there && kept.tab === "home" ? "home" : "messages" });
  if (there && kept.thread) openThread(kept.thread, { focus: false });
  hush = listen(user, hear, reload);
  refreshModals();
}

async function reload() {
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
  if (["message", "home", "modal"].includes(event.type)) tell("happened", event);
  if (event.type === "message") lookAtMessages();
  else if (event.type === "modal") lookAtModals();
  else if (event.type === "home") lookAtHome();
  else if (event.type === "clock") {
    state.clock = event.clock;
    drawClock();
  } else if (event.type === "progress") {
    state.busy = { text: event.text, fraction: event.fraction };
    drawProgress();
  } else if (event.type === "done") finished(event);
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
