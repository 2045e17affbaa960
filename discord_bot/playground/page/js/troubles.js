// What can be made to go wrong, each with a switch: a panel over the conversation, and a line that says what is on.

import { h, icon } from "./elements.js";
import { Panel } from "./panel.js";
import { words } from "./words.js";

const GROUPS = [
  ["ofModel", ["slow-model", "cut-stream", "model-429"]],
  ["ofDiscord", ["discord-down", "discord-429", "gateway-lost"]],
  ["ofPermissions", ["no-webhooks", "no-writing", "no-history"]],
];

export class Troubles extends Panel {
  #switches = new Map(); // name -> its button

  constructor(page, panel, line) {
    super(page, panel, ".troubles-button");
    this.line = line;
    panel.append(
      h("h2", { id: "troubles-title" }, words.troubles),
      h("p", { class: "hint" }, words.troublesHint),
      ...GROUPS.flatMap(([group, names]) => this.#group(group, names)));
  }

  toggle() {
    if (this.isOpen) return this.close();
    this.reveal();
    return this.panel.querySelector("[role=switch]:not(:disabled)")?.focus();
  }

  /** What is on: `{ "slow-model": false, … }`. What isn't there can't be switched. */
  show(state) {
    for (const [name, button] of this.#switches) {
      button.disabled = !(name in state);
      button.setAttribute("aria-checked", String(state[name] ?? false));
    }
    this.panel.querySelector(".not-the-stand-in").hidden = "slow-model" in state;
    this.on = Object.keys(state).filter((name) => state[name]);
    this.line.hidden = !this.on.length;
    const said = this.on.map((name) => words.trouble[name][0]).join(words.between);
    if (this.line.dataset.said === said) return;
    this.line.dataset.said = said;
    this.line.replaceChildren(...(this.on.length ? [icon("trouble"), h("span", {}, said),
      h("button", { type: "button", class: "link", onclick: () => this.#end() }, words.endTroubles)] : []));
  }

  #end() {
    this.page.do("end_troubles");
    this.page.focusComposer();
  }

  #group(group, names) {
    const list = h("ul", { "aria-label": words[group] }, names.map((name) => h("li", {}, this.#switch(name))));
    const note = group === "ofModel" ? h("p", { class: "hint not-the-stand-in", hidden: true }, words.notTheStandIn) : null;
    return [h("h3", { "aria-hidden": "true" }, words[group]), note, list].filter(Boolean);
  }

  #switch(name) {
    const [label, hint] = words.trouble[name];
    const button = h("button", { type: "button", role: "switch", class: "trouble", "aria-checked": "false", "data-name": name,
      "aria-label": label, "aria-describedby": `about-${name}`,
      onclick: () => this.page.do("trouble", { name, on: button.getAttribute("aria-checked") !== "true" }) },
    h("span", { class: "trouble-name" }, label, h("small", { id: `about-${name}` }, hint)), h("span", { class: "knob", "aria-hidden": "true" }));
    this.#switches.set(name, button);
    return button;
  }
}
