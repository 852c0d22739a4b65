// Be yourself: a name and three interests, and the bot decides about you at once.

import { api } from "/static/api.js";
import { openDialog } from "/static/dialog.js";
import { el, note } from "/static/dom.js";

const THREE = 3;

/** Resolves to the newcomer's id, or to null for whoever only looks around. */
export async function askWhoYouAre() {
  const { topics, purposes } = await api.ask("asked");
  return new Promise((resolve) => {
    const name = el("input", {
      class: "field",
      id: "newcomer-name",
      maxlength: 60,
      autocomplete: "given-name",
      autofocus: true,
      required: true,
    });
    const chosen = new Set();
    const chips = topics.map((topic) => chip(topic, chosen, () => go.toggleAttribute("disabled", !ready())));
    const ready = () => name.value.trim() && chosen.size === THREE;
    const leave = (answer) => {
      dialog.close();
      resolve(answer);
    };
    const enter = async () => {
      if (!ready()) return;
      go.disabled = true;
      try {
        const come = await api.ask("come", { name: name.value, topics: [...chosen] });
        leave(come.user);
        if (!come.spoke)
          note(`It has looked, and stays silent: ${come.reason}. Behind the curtain you see why.`);
      } catch (problem) {
        failure.textContent = problem.message;
        go.disabled = false;
      }
    };
    const go = el("button", { type: "submit", class: "btn primary", disabled: true, form: "newcomer" }, "Enter the workspace");
    const failure = el("p", { class: "setup-error", role: "alert" });
    name.addEventListener("input", () => go.toggleAttribute("disabled", !ready()));
    const dialog = openDialog({
      title: "Be yourself",
      kind: "newcomer",
      onCancel: () => leave(null),
      body: [
        el("p", { text: "Overture speaks first, and is glad to be silent. Say who you are, and it decides whether anything here is worth your attention." }),
        el(
          "form",
          { id: "newcomer", submit: (event) => { event.preventDefault(); enter(); } },
          el("label", { for: "newcomer-name", class: "label", text: "What are you called?" }),
          name,
          el(
            "fieldset",
            { class: "interests" },
            el("legend", { class: "label", text: "Three things that interest you" }),
            chips,
          ),
        ),
        el("details", { class: "small" },
          el("summary", { text: "What you agree to by entering" }),
          el("ul", {}, purposes.map((one) => el("li", { text: one }))),
          el("p", { text: "As in real life it is asked first, can be taken back on the home tab, and here it all stays on this machine. One thing is easier for you than for your colleagues: this first time nothing is held back from you at random, and it may try something out on you of which it is less sure." })),
        failure,
      ],
      foot: [
        el("button", { type: "button", class: "btn", click: () => leave(null) }, "Just look around"),
        go,
      ],
    });
  });
}

function chip(topic, chosen, changed) {
  const box = el("input", {
    type: "checkbox",
    value: topic.slug,
    change: () => {
      if (box.checked && chosen.size >= THREE) box.checked = false;
      else if (box.checked) chosen.add(topic.slug);
      else chosen.delete(topic.slug);
      changed();
    },
  });
  return el("label", { class: "interest" }, box, el("span", { text: topic.title }));
}
