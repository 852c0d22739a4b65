// The elements that hold a value: drawn, and read back as Slack's view.state.values.
// Each registers a reader with `ctx.readers`, and asks `ctx.saved` for what was typed before a redraw.

import { el, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { textObject } from "./mrkdwn.js";
import { nameOf, seats, state } from "./state.js";

const options = (element) =>
  element.options || (element.option_groups || []).flatMap((group) => group.options);
const plain = (object) => object?.text ?? "";
let serial = 0;

function before(ctx, block, element) {
  return ctx.saved?.[block.block_id]?.[element.action_id];
}

function text(element, saved, aria, type = "text") {
  const props = {
    class: "field",
    placeholder: plain(element.placeholder),
    minlength: element.min_length,
    maxlength: element.max_length,
    autofocus: element.focus_on_load,
    ...aria,
  };
  const node = element.multiline
    ? el("textarea", { rows: 4, ...props })
    : el("input", { type, autocomplete: "off", ...props });
  node.value = saved?.value ?? element.initial_value ?? "";
  return {
    node,
    read: () => ({ type: element.type, value: node.value === "" ? null : node.value }),
    value: () => node.value,
  };
}

function picker(type, key) {
  return (element, saved, aria) => {
    const node = el("input", { type, class: "field short", ...aria });
    node.value = saved?.[`selected_${key}`] ?? element[`initial_${key}`] ?? "";
    const read = () => ({ type: element.type, [`selected_${key}`]: node.value || null });
    return { node, read, value: () => node.value };
  };
}

function select(element, saved, aria) {
  const all = options(element);
  const row = (option) =>
    el("option", { value: String(all.indexOf(option)), text: plain(option.text) });
  const node = el(
    "select",
    { class: "field select", ...aria },
    el("option", { value: "", text: plain(element.placeholder) || "Choose an option" }),
    element.options
      ? element.options.map(row)
      : (element.option_groups || []).map((group) =>
          el("optgroup", { label: plain(group.label) }, group.options.map(row)),
        ),
  );
  const start = saved ? saved.selected_option : element.initial_option;
  node.value = start ? String(all.findIndex((option) => option.value === start.value)) : "";
  const chosen = () => (node.value === "" ? null : all[Number(node.value)]);
  return {
    node,
    read: () => ({ type: element.type, selected_option: chosen() }),
    value: () => chosen()?.value ?? null,
  };
}

function multi(element, saved, aria) {
  const all = options(element);
  const start = (saved ? saved.selected_options : element.initial_options) || [];
  const chosen = new Set(start.map((option) => option.value));
  const button = el("button", {
    type: "button",
    class: "field multi",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    ...aria,
  });
  const show = () => {
    const picked = all.filter((option) => chosen.has(option.value));
    const chips = picked.map((option) => el("span", { class: "chip", text: plain(option.text) }));
    button.replaceChildren(
      el(
        "span",
        { class: "chips" },
        chips.length ? chips : plain(element.placeholder) || "Choose options",
      ),
      icon("down"),
    );
  };
  const toggle = (value) => {
    const full = element.max_selected_items && chosen.size >= element.max_selected_items;
    if (chosen.has(value)) chosen.delete(value);
    else if (!full) chosen.add(value);
    show();
    button.dispatchEvent(new Event("change", { bubbles: true }));
    return chosen.has(value);
  };
  button.addEventListener("click", () =>
    openMenu(
      button,
      all.map((option) => ({
        label: plain(option.text),
        checked: chosen.has(option.value),
        choose: () => toggle(option.value),
      })),
      {
        label: "Options",
        many: true,
      },
    ),
  );
  show();
  const picked = () => all.filter((option) => chosen.has(option.value));
  return {
    node: button,
    read: () => ({ type: element.type, selected_options: picked() }),
    value: () => picked().map((option) => option.value),
  };
}

function boxes(element, saved, aria) {
  const radio = element.type === "radio_buttons";
  const all = options(element);
  const old = radio
    ? [saved ? saved.selected_option : element.initial_option]
    : saved
      ? saved.selected_options
      : element.initial_options;
  const start = new Set((old || []).filter(Boolean).map((option) => option.value));
  serial += 1;
  const fields = all.map((option) => {
    const field = el("input", { type: radio ? "radio" : "checkbox", name: `boxes-${serial}` });
    field.checked = start.has(option.value);
    return field;
  });
  const rows = all.map((option, index) =>
    el(
      "label",
      { class: "box" },
      fields[index],
      el(
        "span",
        {},
        textObject(option.text),
        option.description && el("small", {}, textObject(option.description)),
      ),
    ),
  );
  const node = el("div", { class: "boxes", role: radio ? "radiogroup" : "group", ...aria }, rows);
  const picked = () => all.filter((_, index) => fields[index].checked);
  const read = radio
    ? () => ({ type: element.type, selected_option: picked()[0] || null })
    : () => ({ type: element.type, selected_options: picked() });
  return {
    node,
    read,
    value: () => (radio ? (picked()[0]?.value ?? null) : picked().map((option) => option.value)),
  };
}

// A choice among the workspace's own people or channels.
function among(key, rows) {
  return (element, saved, aria) => {
    const choices = rows().map(([value, label]) => el("option", { value, text: label }));
    const node = el(
      "select",
      { class: "field select", ...aria },
      el("option", { value: "", text: plain(element.placeholder) || "Choose" }),
      choices,
    );
    node.value = saved?.[`selected_${key}`] ?? element[`initial_${key}`] ?? "";
    return {
      node,
      read: () => ({ type: element.type, [`selected_${key}`]: node.value || null }),
      value: () => node.value || null,
    };
  };
}

const people = () => seats().map((one) => [one.id, nameOf(one)]);
const channels = () => state.sidebar.channels.map((channel) => [channel.id, `#${channel.name}`]);

const DRAW = {
  plain_text_input: (element, saved, aria) => text(element, saved, aria),
  number_input: (element, saved, aria) => text(element, saved, aria, "number"),
  email_text_input: (element, saved, aria) => text(element, saved, aria, "email"),
  url_text_input: (element, saved, aria) => text(element, saved, aria, "url"),
  static_select: select,
  multi_static_select: multi,
  radio_buttons: boxes,
  checkboxes: boxes,
  timepicker: picker("time", "time"),
  datepicker: picker("date", "date"),
  users_select: among("user", people),
  channels_select: among("channel", channels),
  conversations_select: among("conversation", channels),
};

export const holdsValue = (element) => element.type in DRAW;

/** Draw one; `dispatches` says whether a change is a press of its own. */
export function drawInput(element, block, ctx, { labelledby = null, dispatches = false } = {}) {
  const label = plain(element.placeholder) || element.action_id || "value";
  const aria = labelledby
    ? { "aria-labelledby": labelledby }
    : { "aria-label": element.accessibility_label || label };
  const { node, read, value } = DRAW[element.type](element, before(ctx, block, element), aria);
  node.dataset.action = element.action_id || "";
  ctx.readers?.push({ block_id: block.block_id, action_id: element.action_id, read });
  if (dispatches) {
    const typed = /_input$/.test(element.type);
    if (!typed) node.addEventListener("change", () => ctx.press(element, block, value(), node));
    else
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault(); // else the form would be submitted, too
        ctx.press(element, block, value(), node);
      });
  }
  return node;
}

/** What all elements hold now, as Slack's view.state.values. */
export function readValues(readers) {
  const values = {};
  for (const { block_id, action_id, read } of readers)
    (values[block_id] ||= {})[action_id] = read();
  return values;
}

export const isEmpty = (held) => {
  const value = Object.entries(held).find(([key]) => key !== "type")?.[1];
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
};
