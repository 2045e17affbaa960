// The workshop: a persona on the left, somebody who talks to it on the right. The page holds all of it and sends it along
// with each question; the playground keeps nothing.

import { h, iconButton } from "./elements.js";
import { base64 } from "./files.js";
import { keep, kept } from "./kept.js";
import { PersonaForm } from "./persona_form.js";
import { saving } from "./persona_saving.js";
import { Talk } from "./talk.js";
import { Trial } from "./trial.js";
import { words } from "./words.js";

export const HASH = "workshop";

const KEPT = "workshop"; // key of what is kept
const PAUSE = 400; // milliseconds without a change before it is kept
const LARGEST = 32 * 2 ** 20; // bytes of a card's file

export class Workshop {
  draft = null;
  personas = [];
  models = [];
  config = null;
  #growing = new Map(); // what is being asked -> who shows it
  #last = 0;
  #before = null; // what was open before something else was opened
  #timer = 0;
  #begun = null;

  constructor(page, panel) {
    this.page = page;
    this.panel = panel;
    this.talk = new Talk(this);
    this.trial = new Trial(this);
    this.form = new PersonaForm(this);
    this.said = h("div", { class: "workshop-said", role: "status" });
    const dropping = (isOver) => panel.classList.toggle("dropping", isOver);
    panel.addEventListener("dragover", (event) => {
      event.preventDefault();
      dropping(true);
    });
    panel.addEventListener("dragleave", (event) => panel.contains(event.relatedTarget) || dropping(false));
    panel.addEventListener("drop", (event) => {
      event.preventDefault();
      dropping(false);
      const [file] = event.dataTransfer.files;
      if (file) this.openFile(file);
    });
    panel.addEventListener("paste", (event) => {
      const [file] = event.clipboardData.files;
      if (file) this.openFile(file);
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** The server into whose library is saved, and from where personas are taken. */
  get guild() {
    return this.page.state.guild(this.page.place) ?? this.page.state.guilds[0] ?? null;
  }

  async open() {
    if (this.isOpen) return;
    this.panel.hidden = false;
    history.replaceState(null, "", `#${HASH}`);
    this.page.around(true);
    this.#begun ??= this.#begin();
    await this.#begun;
    await this.refresh();
    this.#show();
    this.panel.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    history.replaceState(null, "", `#${this.page.channel?.id ?? ""}`);
    this.page.around(false);
  }

  async #begin() {
    const before = await kept(KEPT);
    if (!before) return;
    this.draft = before.draft;
    this.talk.restore(before.turns);
    this.trial.restore(before.trial);
  }

  /** Asks anew which personas and models there are. */
  async refresh() {
    const known = await this.do("workshop", { guild: this.guild?.id });
    if (!known) return;
    Object.assign(this, known);
    if (!this.draft && this.personas.length) this.#use(await this.do("take_persona", { guild: this.guild?.id, name: this.personas[0].name }));
    else if (this.isOpen && this.panel.firstChild) this.#choices();
  }

  /** Does something; a sentence about what went wrong stands above, and undefined comes back. */
  async do(action, details = {}) {
    try {
      return (await this.page.connection.do(action, details)) ?? null;
    } catch (error) {
      this.tell(h("p", { class: "problem" }, error.message));
      return undefined;
    }
  }

  tell(...parts) {
    this.said.replaceChildren(...parts.filter(Boolean));
  }

  /** Asks a persona; `show` is told of the answer as it grows. The answer, or undefined where it failed. */
  async ask(details, show, onfailed) {
    this.#last += 1;
    const ask = String(this.#last);
    this.#growing.set(ask, show);
    try {
      return await this.page.connection.do("ask_persona", { ...details, ask, guild: this.guild?.id });
    } catch (error) {
      onfailed(error.message);
      return undefined;
    } finally {
      this.#growing.delete(ask);
    }
  }

  /** Ends whatever is being asked. */
  stop() {
    for (const ask of this.#growing.keys()) this.page.quietly("stop_persona", { ask });
  }

  grows({ ask, html }) {
    this.#growing.get(ask)?.(html);
  }

  /** Something of the persona or of what was said is another one now. */
  changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => keep(KEPT, structuredClone({ draft: this.draft, turns: this.talk.turns, trial: this.trial.kept() })), PAUSE);
  }

  /** The persona as its texts stand now, without its picture: what a change is told from. */
  snapshot() {
    return structuredClone({ fields: this.draft.fields, lore: this.draft.lore });
  }

  async take(name) {
    this.#use(await this.do("take_persona", { guild: this.guild?.id, name }), words.isOpen);
  }

  async create() {
    this.#use(await this.do("new_persona", { name: words.newName }), words.isOpen);
    this.form.focusName();
  }

  async openFile(file) {
    if (file.size > LARGEST) return this.tell(h("p", { class: "problem" }, words.cardTooLarge));
    const read = await this.do("read_card", { base64: await base64(file) });
    if (read) this.#use(read.draft, words.isOpen, read.notes);
  }

  async changePicture(file) {
    const draft = await this.do("set_picture", { draft: this.draft, base64: await base64(file) });
    if (!draft) return;
    this.draft = draft;
    this.form.show();
    this.changed();
  }

  /** Another persona takes the place of what is open; one step back stays possible. */
  #use(draft, told = null, notes = []) {
    if (!draft) return;
    this.#before = this.draft && { draft: this.draft, turns: this.talk.turns };
    this.draft = draft;
    this.talk.restore([]);
    this.#show();
    this.talk.greet();
    this.changed();
    if (told) {
      this.tell(h("p", {}, told(draft.fields.name), " ", this.#before && h("button", { type: "button", class: "link", onclick: () => this.#goBack() }, words.undo)),
        ...notes.map((note) => h("p", { class: "hint" }, note)));
    }
  }

  #goBack() {
    this.draft = this.#before.draft;
    this.talk.restore(this.#before.turns);
    this.#before = null;
    this.tell();
    this.#show();
    this.changed();
  }

  #show() {
    if (!this.draft) return;
    const file = h("input", { type: "file", hidden: true, accept: ".png,.json,.charx", onchange: () => {
      const [chosen] = file.files;
      file.value = "";
      if (chosen) this.openFile(chosen);
    } });
    this.chooser = h("select", { class: "select", "aria-label": words.openPersona, onchange: () => this.chooser.value && this.take(this.chooser.value) });
    this.panel.replaceChildren(
      h("header", { class: "top" },
        iconButton("direct", words.backToChat, () => this.leave()),
        h("h1", {}, words.workshop), h("span", { class: "topic" }),
        this.chooser,
        h("button", { type: "button", class: "button secondary", onclick: () => file.click() }, words.openCard), file,
        h("button", { type: "button", class: "button secondary", onclick: () => this.create() }, words.newPersona)),
      this.said,
      this.#switch(),
      h("div", { class: "benches" },
        h("section", { class: "bench", "aria-label": words.thePersona, tabindex: "0" }, this.form.element, saving(this)),
        h("section", { class: "bench", "aria-label": words.tryIt }, this.#tabs())));
    this.#choices();
    this.form.show();
  }

  leave() {
    this.close();
    this.page.focusComposer();
  }

  #choices() {
    this.chooser.replaceChildren(h("option", { value: "" }, words.openPersona),
      ...this.personas.map(({ name, whose }) => h("option", { value: name }, `${name} (${words.whose[whose]})`)));
    this.talk.choices();
    this.trial.choices();
  }

  /** On narrow screens one of the two sides is in sight. */
  #switch() {
    const choose = (tries) => {
      this.panel.classList.toggle("tries", tries);
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(tries === Boolean(index))));
    };
    const buttons = [words.thePersona, words.tryIt].map((label, index) =>
      h("button", { type: "button", class: "button secondary", onclick: () => choose(Boolean(index)) }, label));
    choose(this.panel.classList.contains("tries"));
    return h("div", { class: "bench-switch" }, buttons);
  }

  #tabs() {
    const views = [["talk", words.talk, this.talk.element], ["trial", words.trial, this.trial.element]];
    const choose = (chosen) => {
      for (const [name, , view] of views) {
        view.hidden = name !== chosen;
        const tab = tabs.querySelector(`#tab-${name}`);
        tab.ariaSelected = String(name === chosen);
        tab.tabIndex = name === chosen ? 0 : -1;
      }
    };
    const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": words.tryIt, onkeydown: (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const other = tabs.querySelector('[aria-selected="false"]');
      other.click();
      other.focus();
    } }, views.map(([name, label]) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `view-${name}`, onclick: () => choose(name) }, label)));
    for (const [name, , view] of views) {
      view.id = `view-${name}`;
      view.setAttribute("role", "tabpanel");
      view.setAttribute("aria-labelledby", `tab-${name}`);
    }
    choose(this.trial.element.hidden === false ? "trial" : "talk");
    return [tabs, ...views.map(([, , view]) => view)];
  }
}
