// A conversation with the persona that is being written. A question can be asked again after a change: then the answers
// stand side by side, and between them what was changed.

import { h, iconButton, rendered } from "./elements.js";
import { promptMessage } from "./inspector.js";
import { locale } from "./language.js";
import { words } from "./words.js";

const number = new Intl.NumberFormat(locale);

export class Talk {
  turns = []; // { question, answers: [{ text, html, …, snapshot, changes }] }; the greeting is a turn without a question
  #busy = false;

  constructor(workshop) {
    this.workshop = workshop;
    this.log = h("div", { class: "talk-log", role: "log", "aria-label": words.talk, tabindex: "0" });
    this.box = h("textarea", { rows: 2, "aria-label": words.askIt, placeholder: words.askIt, onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    } });
    this.model = h("select", { class: "select", "aria-label": words.modelName });
    this.stopping = h("button", { type: "button", class: "button secondary", hidden: true, onclick: () => workshop.stop() }, words.stop);
    this.sending = iconButton("send", words.send, () => this.#send());
    this.element = h("div", { class: "talk" }, this.log,
      h("div", { class: "talk-box" }, this.box, this.sending),
      h("div", { class: "talk-tools" }, this.model, this.stopping,
        h("button", { type: "button", class: "link", onclick: () => this.#startOver() }, words.startOver)));
  }

  restore(turns) {
    this.turns = (turns ?? []).map((turn) => ({ ...turn, answers: turn.answers.filter((answer) => !answer.growing) }));
    this.show();
  }

  choices() {
    fillModels(this.model, this.workshop.models);
  }

  async greet() {
    const greeting = await this.workshop.do("greeting", { draft: this.workshop.draft });
    if (!greeting?.text || this.turns.length) return;
    this.turns.push({ question: "", answers: [greeting] });
    this.show();
  }

  #startOver() {
    this.workshop.stop();
    this.restore([]);
    this.greet();
    this.workshop.changed();
    this.box.focus();
  }

  #send() {
    const question = this.box.value.trim();
    if (!question || this.#busy) return;
    this.box.value = "";
    const turn = { question, answers: [] };
    this.turns.push(turn);
    this.#ask(turn);
  }

  async #ask(turn) {
    if (this.#busy) return;
    this.#busy = true;
    const { workshop } = this;
    const before = this.turns.slice(0, this.turns.indexOf(turn));
    const turns = [...before.filter(answered).map(({ question, answers }) => ({ question, answer: answers.at(-1).text })), { question: turn.question }];
    const snapshot = workshop.snapshot();
    const last = turn.answers.findLast((answer) => answer.snapshot);
    const answer = { text: "", html: "", snapshot, growing: true };
    turn.answers.push(answer);
    this.show();
    this.stopping.hidden = false;
    const body = this.log.querySelector(".growing .content");
    const changes = last ? workshop.do("changes", { before: last.snapshot, after: snapshot }) : null;
    const got = await workshop.ask({ draft: workshop.draft, turns, model: this.model.value }, (html) => {
      answer.html = html;
      body.replaceChildren(legible(html));
      body.scrollIntoView({ block: "nearest" });
    }, (failure) => { answer.failure = failure; });
    delete answer.growing;
    Object.assign(answer, got);
    answer.changes = await changes;
    this.#busy = false;
    this.stopping.hidden = true;
    this.show();
    workshop.changed();
  }

  show() {
    const name = this.workshop.draft?.fields.name ?? "";
    this.log.replaceChildren(...this.turns.map((turn) => this.#turn(turn, name)),
      this.turns.length ? "" : h("p", { class: "hint" }, words.talkHint));
    for (const row of this.log.querySelectorAll(".answers")) row.scrollLeft = row.scrollWidth;
    this.log.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  #turn(turn, name) {
    const several = turn.answers.length > 1;
    return h("div", { class: "turn" },
      turn.question ? h("div", { class: "asked" },
        turn.answers.at(-1)?.growing ? "" : h("button", { type: "button", class: "link", onclick: () => this.#ask(turn) }, words.askAgain),
        h("p", { class: "question" }, turn.question)) : null,
      changed(turn.answers.at(-1)?.changes),
      h("div", { class: "answers", tabindex: several ? "0" : null, role: several ? "group" : null, "aria-label": several ? words.answersSideBySide : null },
        turn.answers.map((answer, index) => h("article", { class: answer.growing ? "answer growing" : "answer" },
          h("header", {}, h("h2", {}, answer.snapshot?.fields.name ?? name), several ? h("span", { class: "tag" }, index === turn.answers.length - 1 ? words.answerNow : words.answerBefore) : "",
            answer.model ? h("small", {}, meta(answer)) : ""),
          body(answer),
          answer.prompt ? h("details", {}, h("summary", {}, words.promptShown(answer.prompt.length)), answer.prompt.map((message) => promptMessage(message, "h3"))) : null))));
  }
}

function answered({ answers }) {
  return Boolean(answers.at(-1)?.text);
}

/** An answer's HTML, in which nothing is hidden and whatever scrolls can be reached by the keyboard. */
export function legible(html) {
  const content = rendered(html);
  for (const spoiler of content.querySelectorAll(".spoiler")) {
    spoiler.classList.add("open");
    for (const name of ["role", "tabindex", "aria-label"]) spoiler.removeAttribute(name);
  }
  for (const code of content.querySelectorAll("pre")) code.tabIndex = 0;
  return content;
}

/** What was said, or why nothing was. */
export function body(answer) {
  return h("div", {}, h("div", { class: "content" }, legible(answer.html ?? "")),
    answer.failure ? h("p", { class: "problem" }, answer.failure) : null,
    answer.stopped ? h("p", { class: "hint" }, words.stopped) : null,
    answer.reason === "length" ? h("p", { class: "hint" }, words.cutAtLength) : null,
    answer.model && !answer.text ? h("p", { class: "hint" }, words.saidNothing) : null);
}

/** Who answered, what it cost and how long it took. */
export function meta({ model, tokens, seconds }) {
  return [model, words.tokensOfBoth(number.format(tokens.prompt), number.format(tokens.completion)), words.seconds(number.format(seconds))].join(" · ");
}

export function fillModels(select, models) {
  const chosen = select.value;
  select.replaceChildren(h("option", { value: "" }, words.itsOwnModel), ...models.map((name) => h("option", { value: name }, name)));
  select.value = models.includes(chosen) ? chosen : "";
}

function changed(changes) {
  if (!changes) return null;
  if (!changes.length) return h("p", { class: "hint" }, words.nothingChanged);
  return h("details", { class: "changes", ".open": true }, h("summary", {}, words.whatChanged),
    changes.map(({ field, number: at, lines }) => h("div", {}, h("h2", {}, field === "lore" || at ? `${words.field[field]} ${at + 1}` : words.field[field]),
      h("pre", { tabindex: "0" }, lines.map(([sign, line]) => {
        const tag = { "-": "del", "+": "ins" }[sign] ?? "span";
        return h(tag, {}, `${sign} ${line}\n`);
      })))));
}
