// The panel beside the chat that shows what Discord hides of an answer. It asks for all of it when it is opened, and anew
// when there is more to show.

import { h, iconButton, rendered } from "./elements.js";
import { locale } from "./language.js";
import { Panel } from "./panel.js";
import { words } from "./words.js";

const LONG = 600; // characters of a text from which on it is folded
const number = new Intl.NumberFormat(locale);

export class Inspector extends Panel {
  #shown = null; // the id of the message that is shown
  #chosen = false; // whether somebody chose it: then the panel stays with it

  constructor(page, panel) {
    super(page, panel, ".inspector-button");
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.#follow();
  }

  /** Shows one message, and stays with it. */
  open(id) {
    this.#chosen = true;
    this.#load(id);
    this.panel.focus();
  }

  /** An answer can be inspected, be it new or written again. */
  canShow(ids) {
    const here = ids.some((id) => this.page.conversation.view(id));
    if (this.isOpen && here && (!this.#chosen || ids.includes(this.#shown))) this.#load(ids.at(-1));
  }

  /** Another channel is shown. */
  moved() {
    if (this.isOpen && !this.#chosen) this.#follow();
  }

  #follow() {
    this.#chosen = false;
    const newest = this.page.conversation.newest((message) => message.author.bot && message.type !== 20);
    if (newest) this.#load(newest.message.id);
    else this.#hint();
  }

  /** There is nothing to inspect yet. */
  #hint() {
    this.#shown = null;
    this.reveal();
    this.#show(h("p", { class: "hint" }, words.inspectHint));
  }

  async #load(id) {
    this.#shown = id;
    this.reveal();
    const known = await this.page.quietly("inspect", { message: id });
    if (this.#shown !== id) return;
    if (!known) this.#show(h("p", { class: "hint" }, this.#chosen ? words.nothingKnown : words.inspectHint));
    else if (known.interaction) this.#show(...interaction(known.interaction));
    else this.#show(...answer(known));
  }

  #show(...parts) {
    const open = new Set([...this.panel.querySelectorAll("details[open]")].map((one) => one.dataset.part));
    const inside = this.panel.contains(document.activeElement);
    this.panel.replaceChildren(
      h("header", { class: "inspector-top" }, h("h2", {}, words.inspector),
        this.#chosen ? h("button", { type: "button", class: "link", onclick: () => this.#follow() }, words.followsNewest) : null,
        iconButton("close", words.close, () => this.close())),
      ...parts);
    for (const one of this.panel.querySelectorAll("details")) one.open = open.size ? open.has(one.dataset.part) : one.open;
    if (inside) this.panel.focus();
    for (const link of this.panel.querySelectorAll(".account a")) {
      link.addEventListener("click", (event) => this.#goTo(event, link.href));
    }
  }

  #goTo(event, href) {
    const [, channel, message] = href.match(/\/(\d+)\/(\d+)$/) ?? [];
    if (!message) return;
    event.preventDefault();
    this.page.goTo(message, channel);
  }
}

function answer(known) {
  return [
    h("p", { class: "who" }, h("strong", {}, known.persona), h("span", {}, known.model)),
    known.failure ? h("p", { class: "problem" }, words.failedWith(known.failure)) : null,
    section(words.tokens, tokens(known)),
    section(words.timeline, timeline(known.timeline)),
    folded("account", words.madeFrom, true, h("div", { class: "account" }, known.account.map((html) => rendered(html)))),
    folded("prompt", words.promptShown(known.prompt.length), true, known.prompt.map((message) => promptMessage(message, "h4"))),
    folded("requests", words.askedOfDiscord(known.requests.length), false,
      h("p", { class: "hint" }, words.overtaken(known.pieces, known.requests.filter((one) => one.held !== null).length)), requests(known.requests)),
    ...known.asked.map((asked, index) => folded(`asked-${index}`, words.askedOfModel(index + 1), false, ...request(asked))),
  ].filter(Boolean);
}

function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), content);
}

function folded(part, title, open, ...content) {
  return h("details", { "data-part": part, ".open": open }, h("summary", {}, title), content);
}

/** The prompt as a bar: what the server had cached, what else it read, and what it answered. */
function tokens({ tokens: count, unchanged }) {
  const prompt = count.prompt || count.estimate;
  const all = Math.max(1, prompt + count.completion);
  const parts = [["cached", count.cached], ["read", prompt - count.cached], ["written", count.completion]];
  const bar = h("div", { class: "bar", "aria-hidden": "true" }, parts.map(([kind, size]) => {
    const piece = h("span", { class: kind });
    piece.style.setProperty("--part", String(size / all));
    return piece;
  }));
  const said = [
    (count.prompt ? words.tokensOfPrompt : words.tokensAbout)(number.format(prompt)),
    count.cached ? words.tokensCached(number.format(count.cached)) : null,
    words.tokensOfAnswer(number.format(count.completion)),
    words.tokensBudget(number.format(count.budget)),
  ].filter(Boolean);
  return [bar, h("p", {}, said.join(words.between)),
    unchanged === null ? null : h("p", { class: "hint" }, words.unchanged(Math.floor(100 * unchanged)))];
}

function timeline(points) {
  const last = Math.max(1, ...points.map(({ at }) => at));
  return h("ol", { class: "timeline" }, points.map(({ what, at }) => {
    const row = h("li", {}, h("span", {}, words.moment[what]), h("span", { class: "track", "aria-hidden": "true" }, h("i")),
      h("span", { class: "number" }, words.milliseconds(number.format(at))));
    row.style.setProperty("--at", String(at / last));
    return row;
  }));
}

/** One message of a prompt; `heading` is the tag that says whose it is. */
export function promptMessage({ role, parts }, heading) {
  return h("article", { class: `prompt-message ${role}` }, h(heading, {}, words.rolesInPrompt[role] ?? role),
    parts.map((part) => part.picture ? h("img", { src: part.picture, alt: words.picture }) : long(part.text)));
}

function long(text) {
  const whole = h("pre", { tabindex: "0" }, text);
  if (text.length <= LONG) return whole;
  return h("details", { class: "long", "data-part": `long-${text.length}` }, h("summary", {}, `${text.slice(0, LONG / 3).trimEnd()} …`), whole);
}

function requests(rows) {
  const names = Object.keys(words.columns);
  const cell = (row, name) => row[name] === null ? "" : ["what", "status"].includes(name) ? String(row[name]) : words.milliseconds(number.format(row[name]));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": words.askedOfDiscord(rows.length) }, h("table", {},
    h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, words.columns[name])))),
    h("tbody", {}, rows.map((row) => h("tr", { class: row.status >= 400 ? "refused" : "" }, names.map((name) => h("td", {}, cell(row, name))))))));
}

function request(asked) {
  return [
    h("p", {}, `${asked.provider} · ${asked.status ?? words.noAnswer}`),
    h("pre", { tabindex: "0" }, JSON.stringify(asked.body, null, 2)),
    h("h4", {}, words.rawStream),
    h("pre", { tabindex: "0" }, asked.raw),
    asked.cut ? h("p", { class: "hint" }, words.rawCut) : null,
  ].filter(Boolean);
}

function interaction(known) {
  return [section(words.interaction, h("p", { class: "who" }, h("strong", {}, `/${known.name ?? known.type}`), h("span", {}, known.user)),
    h("pre", { tabindex: "0" }, JSON.stringify(known, null, 2)))];
}
