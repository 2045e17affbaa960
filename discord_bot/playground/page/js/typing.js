// Who is writing in the open channel, in the line below the composer.

import { h } from "./elements.js";
import { words } from "./words.js";

const LASTS = 10_000; // milliseconds, as in Discord

export class Typing {
  #who = new Map(); // user id -> { name, timer }

  constructor(line) {
    this.line = line;
  }

  starts(id, name) {
    clearTimeout(this.#who.get(id)?.timer);
    this.#who.set(id, { name, timer: setTimeout(() => this.stops(id), LASTS) });
    this.#show();
  }

  stops(id) {
    clearTimeout(this.#who.get(id)?.timer);
    if (this.#who.delete(id)) this.#show();
  }

  /** Another channel is shown. */
  forget() {
    for (const { timer } of this.#who.values()) clearTimeout(timer);
    this.#who.clear();
    this.#show();
  }

  #show() {
    const names = [...this.#who.values()].map(({ name }) => name);
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.line.replaceChildren(...(names.length ? [dots, words.typing(names)] : []));
  }
}
