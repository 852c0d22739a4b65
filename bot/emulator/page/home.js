// The bot's home tab: blocks that it published for the sitting member.

import { api } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { el, note } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { presser } from "./press.js";
import { nameOf, person, state } from "./state.js";

export class HomeTab {
  constructor() {
    this.node = el(
      "div",
      { class: "home", role: "tabpanel", "aria-label": "Home", tabindex: 0 },
      el("p", { class: "muted", text: "One moment …" }),
    );
    this.print = null;
  }

  async refresh() {
    try {
      const { view } = await api.home(state.me, this.print !== null);
      const print = JSON.stringify(view);
      if (print === this.print) return;
      this.print = print;
      keepingFocus(this.node, () =>
        this.node.replaceChildren(el("div", { class: "home-page" }, this.draw(view))),
      );
    } catch (problem) {
      note(problem.message, "bad");
    }
  }

  draw(view) {
    if (!view) {
      const bot = nameOf(person(state.boot.bot_user));
      return el("p", {
        class: "muted",
        text: `${bot} has not drawn a home for you yet. It does so a moment after you first come here.`,
      });
    }
    return drawBlocks(view.blocks, {
      press: presser("press_home", {}),
      readers: [],
      saved: view.state?.values,
    });
  }
}
