// A conversation that is played again: a line says how far it is; at the end, the answers of then and now are compared.

import { openDialog } from "./dialog.js";
import { h, rendered } from "./elements.js";
import { words } from "./words.js";

export class Replay {
  constructor(page, line) {
    this.page = page;
    const button = (onclick) => h("button", { type: "button", class: "link", onclick });
    this.said = h("span", { role: "status" });
    this.pause = button(() => page.do("pause_replay", { paused: !this.state.paused }));
    this.stop = button(() => page.do("stop_replay"));
    this.compare = button(() => this.#compare());
    this.close = button(() => {
      page.do("end_replay");
      page.focusComposer();
    });
    this.stop.textContent = words.stopReplay;
    this.compare.textContent = words.compare;
    this.close.textContent = words.close;
    this.line = line;
    line.append(this.said, h("span", { class: "notice-buttons" }, this.pause, this.stop, this.compare, this.close));
  }

  /** How far it is: `{ at, of, paused, over }`; null where nothing is played. The buttons stay, and so does the focus. */
  show(state) {
    const had = this.line.contains(document.activeElement);
    this.state = state;
    this.line.hidden = !state;
    if (!state) return;
    const { at, of, paused, over } = state;
    this.said.textContent = over ? words.replayed(at, of) : paused ? words.replayPaused(at, of) : words.replaying(at, of);
    this.pause.textContent = paused ? words.goOn : words.pause;
    for (const [button, there] of [[this.pause, !over], [this.stop, !over], [this.compare, over], [this.close, over]]) button.hidden = !there;
    if (had && document.activeElement.hidden) this.compare.focus();
  }

  async #compare() {
    const rows = await this.page.do("compare_replay");
    if (!rows) return;
    const dialog = openDialog(words.compared, [
      rows.length ? rows.map(compared) : h("p", { class: "hint" }, words.nothingAnswered),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, words.done)),
    ], "widest compare");
    for (const code of dialog.querySelectorAll("pre")) code.tabIndex = 0; // wider than its column, it is scrolled with keys
  }
}

/** One question, and how it was answered then and now. */
function compared({ by, place, question, then, now }) {
  return h("section", { "aria-label": `${by}, ${place}` },
    h("h3", {}, by, " ", h("small", {}, place)),
    h("div", { class: "content" }, rendered(question)),
    h("div", { class: "then-and-now" }, side(words.then, then), side(words.now, now)));
}

function side(title, answers) {
  return h("div", {}, h("h4", {}, title),
    answers.length ? answers.map((html) => h("div", { class: "content" }, rendered(html))) : h("p", { class: "hint" }, words.notAnswered));
}
