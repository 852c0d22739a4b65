// Focus that outlives a redraw: the bot draws messages, its home tab and modals anew after a press,
// and whoever uses a keyboard goes on from where they stood.

/** Run `redraw`; what had the focus inside `place` gives it to what stands there in its stead. */
export function keepingFocus(place, redraw) {
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  redraw();
  if (held && !held.isConnected) (again(held, place) || place).focus({ preventScroll: true });
}

/** What does the same as `node` did, in the message of the same time where it stood in one. */
export function again(node, place = document) {
  const ts = node?.closest("[data-ts]")?.dataset.ts;
  const action = node?.dataset?.action;
  const within = ts ? place.querySelector(`[data-ts="${CSS.escape(ts)}"]`) : place;
  const same = action && within?.querySelector(`[data-action="${CSS.escape(action)}"]`);
  return same || (ts && within?.querySelector(".btn")) || null;
}
