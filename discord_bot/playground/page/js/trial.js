// A script of questions, each asked for itself: of the persona as it is now, of another one, of another model. Every run is
// a column, and the columns stay, so that answers can be compared.

import { h, iconButton } from "./elements.js";
import { locale } from "./language.js";
import { offer } from "./persona_saving.js";
import { body, fillModels, legible, meta } from "./talk.js";
import { words } from "./words.js";

const number = new Intl.NumberFormat(locale);
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });

export class Trial {
  columns = []; // { name, at, questions: [text], answers: [{ … }] }
  #running = false;

  constructor(workshop) {
    this.workshop = workshop;
    this.box = h("textarea", { rows: 4, oninput: () => workshop.changed() });
    this.persona = h("select", { class: "select", "aria-label": words.thePersona });
    this.model = h("select", { class: "select", "aria-label": words.modelName });
    this.go = h("button", { type: "button", class: "button primary", onclick: () => this.#run() }, words.run);
    this.stopping = h("button", { type: "button", class: "button secondary", hidden: true, onclick: () => this.#stop() }, words.stop);
    this.table = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": words.answersSideBySide });
    const file = h("input", { type: "file", hidden: true, accept: ".txt,text/plain", onchange: async () => {
      const [chosen] = file.files;
      file.value = "";
      if (!chosen) return;
      this.box.value = (await chosen.text()).trim();
      workshop.changed();
    } });
    this.element = h("div", { class: "trial", hidden: true },
      h("label", { class: "field" }, h("span", {}, words.questions), this.box, h("small", {}, words.questionsHint)),
      h("div", { class: "talk-tools" },
        this.persona, this.model, this.go, this.stopping,
        h("button", { type: "button", class: "link", onclick: () => offer(new Blob([`${this.questions.join("\n")}\n`], { type: "text/plain" }), "questions.txt") }, words.save),
        h("button", { type: "button", class: "link", onclick: () => file.click() }, words.load), file),
      this.table);
  }

  get questions() {
    return this.box.value.split("\n").map((line) => line.trim()).filter(Boolean);
  }

  kept() {
    return { questions: this.box.value, columns: this.columns.filter((column) => !column.running) };
  }

  restore(kept) {
    this.box.value = kept?.questions ?? "";
    this.columns = kept?.columns ?? [];
    this.#show();
  }

  choices() {
    const chosen = this.persona.value;
    const { personas, models } = this.workshop;
    this.persona.replaceChildren(h("option", { value: "" }, words.asItIsNow), ...personas.map(({ name }) => h("option", { value: name }, name)));
    this.persona.value = personas.some(({ name }) => name === chosen) ? chosen : "";
    fillModels(this.model, models);
  }

  async #run() {
    const { questions, workshop } = this;
    if (!questions.length || this.#running) return this.box.focus();
    this.#running = true;
    this.go.disabled = true;
    this.stopping.hidden = false;
    const asked = { name: this.persona.value, model: this.model.value, draft: structuredClone(workshop.draft) };
    const column = { name: asked.name || words.asOf(asked.draft.fields.name), at: Date.now(), questions, answers: [], running: true };
    this.columns.push(column);
    for (const question of questions) {
      const answer = { html: "" };
      column.answers.push(answer);
      this.#show();
      const place = this.table.querySelector(".growing");
      Object.assign(answer, await workshop.ask({ ...asked, turns: [{ question }] }, (html) => place?.replaceChildren(legible(html)), (failure) => {
        answer.failure = failure;
      }));
      if (!this.#running) break;
    }
    delete column.running;
    this.#running = false;
    this.go.disabled = false;
    this.stopping.hidden = true;
    this.#show();
    workshop.changed();
  }

  #stop() {
    this.#running = false;
    this.workshop.stop();
  }

  #show() {
    const rows = [...new Set(this.columns.flatMap((column) => column.questions))];
    if (!rows.length) return this.table.replaceChildren();
    this.table.style.setProperty("--columns", String(this.columns.length));
    this.table.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words.question), this.columns.map((column) => this.#head(column)))),
      h("tbody", {}, rows.map((question) => h("tr", {}, h("th", { scope: "row" }, question), this.columns.map((column) => cell(column, question))))),
      h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, words.together), this.columns.map((column) => h("td", {}, sum(column)))))));
    this.table.scrollLeft = this.table.scrollWidth;
  }

  #head(column) {
    return h("th", { scope: "col" }, h("div", { class: "trial-head" }, h("span", {}, column.name, h("small", {}, clock.format(column.at))),
      column.running ? "" : iconButton("close", words.removeRun(column.name), () => {
        this.columns = this.columns.filter((each) => each !== column);
        this.#show();
        this.workshop.changed();
      })));
  }
}

function cell(column, question) {
  const answer = column.answers[column.questions.indexOf(question)];
  if (!answer) return h("td");
  const done = answer.model || answer.failure || answer.stopped;
  return h("td", {}, done ? body(answer) : h("div", { class: "content growing" }), answer.model ? h("small", {}, meta(answer)) : "");
}

function sum({ answers }) {
  const done = answers.filter((answer) => answer.tokens);
  const all = (of) => done.reduce((total, answer) => total + of(answer), 0);
  return [words.tokensOfBoth(number.format(all(({ tokens }) => tokens.prompt)), number.format(all(({ tokens }) => tokens.completion))),
    words.seconds(number.format(Math.round(10 * all(({ seconds }) => seconds)) / 10))].join(" · ");
}
