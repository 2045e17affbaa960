// The conversation that is open: its messages in their order, where the reader is in it, and older ones on scrolling up.

import { dayOf } from "./dates.js";
import { h, icon } from "./elements.js";
import { continues, MessageView } from "./message.js";
import { words } from "./words.js";

const AT_THE_END = 48; // pixels from the bottom that still count as being there
const NEAR_THE_START = 600; // pixels from the top at which older messages are fetched
const MOST_KEPT = 500; // messages; with more, the oldest leave the page while the reader is at the end
const PAGE_SIZE = 100; // messages that the playground sends at once
const MOST_PAGES_BACK = 20; // to look for the message that a reply points to

export class Conversation {
  #views = new Map(); // message id -> MessageView, the oldest first
  #atEnd = true;
  #whole = false; // whether the oldest message is here
  #loading = null;

  constructor(page, scroller, log) {
    this.page = page;
    this.scroller = scroller;
    this.log = log;
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() },
      h("span", {}, words.toPresent), icon("down"));
    scroller.after(this.jump);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    log.addEventListener("keydown", (event) => this.#walk(event));
    const follow = new ResizeObserver(() => this.#atEnd && this.toEnd());
    follow.observe(log);
    follow.observe(scroller);
  }

  /** Shows a channel from its end; resolves when its newest messages stand. */
  async show(channel) {
    this.#views.clear();
    this.log.replaceChildren();
    this.#atEnd = true;
    this.#whole = false;
    this.jump.hidden = true;
    this.log.setAttribute("aria-busy", "true"); // a hundred old messages are not news to be read out
    const messages = await this.#fetch(channel, {});
    if (!messages || channel.id !== this.page.channel?.id) return;
    this.#insert(messages, true);
    this.toEnd();
    requestAnimationFrame(() => this.log.removeAttribute("aria-busy"));
  }

  /** Whether the reader sees the newest message. */
  get atEnd() {
    return this.#atEnd;
  }

  view(id) {
    return this.#views.get(id);
  }

  /** The newest message that fulfils a condition. */
  newest(condition) {
    return [...this.#views.values()].reverse().find((view) => condition(view.message));
  }

  add(message) {
    if (this.#views.has(message.id)) return;
    this.#insert([message], true);
    if (this.#atEnd || message.author.id === this.page.state.me.id) this.toEnd();
    else {
      this.jump.firstChild.textContent = words.newMessages;
      this.jump.hidden = false;
    }
    if (this.#atEnd) this.#forgetOldest();
  }

  change(message) {
    const follows = this.#atEnd; // asked before it grows: the event of the last scrolling may not have come yet
    this.#views.get(message.id)?.update(message);
    if (follows) this.toEnd();
  }

  remove(ids) {
    for (const id of ids) {
      const view = this.#views.get(id);
      if (!view) continue;
      if (view.element.contains(document.activeElement)) this.page.focusComposer();
      this.#views.delete(id);
      view.element.remove();
    }
    for (const view of this.#views.values()) {
      const pointsTo = view.message.referenced_message?.id;
      if (pointsTo && ids.includes(pointsTo)) view.update({ ...view.message, referenced_message: null });
    }
    this.#arrange();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.jump.hidden = true;
  }

  /** Brings a message into sight, fetching older ones where it is not here yet. */
  async goTo(id) {
    for (let pages = 0; !this.#views.has(id) && !this.#whole && pages < MOST_PAGES_BACK; pages += 1) await this.#older();
    const view = this.#views.get(id);
    if (!view) return;
    this.#atEnd = false;
    view.element.scrollIntoView({ block: "center" });
    view.element.focus({ preventScroll: true });
    view.element.classList.add("pointed-at");
    setTimeout(() => view.element.classList.remove("pointed-at"), 1600);
  }

  async #fetch(channel, where) {
    const messages = await this.page.do("history", { channel: channel.id, ...where });
    if (messages && messages.length < PAGE_SIZE && channel.id === this.page.channel?.id) this.#whole = true;
    return messages;
  }

  async #older() {
    if (this.#loading) return this.#loading;
    const channel = this.page.channel;
    const oldest = this.#views.keys().next().value;
    this.#loading = this.#fetch(channel, oldest ? { before: oldest } : {}).then((messages) => {
      if (!messages || channel.id !== this.page.channel?.id) return;
      const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
      this.scroller.classList.add("unanchored");
      this.#insert(messages, false);
      this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
      this.scroller.classList.remove("unanchored");
    }).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  #insert(messages, atEnd) {
    const fresh = messages.filter((message) => !this.#views.has(message.id))
      .map((message) => [message.id, new MessageView(message, this.page)]);
    const elements = fresh.map(([, view]) => view.element);
    this.#views = new Map(atEnd ? [...this.#views, ...fresh] : [...fresh, ...this.#views]);
    if (atEnd) this.log.append(...elements);
    else this.log.prepend(...elements);
    this.#arrange();
  }

  /** Headings, days and the beginning: what depends on a message's neighbours. */
  #arrange() {
    let before = null;
    for (const view of this.#views.values()) {
      const newDay = before === null || dayOf(before.timestamp) !== dayOf(view.message.timestamp);
      view.first = newDay || !continues(view.message, before);
      const divider = view.element.previousElementSibling;
      const has = divider?.matches(".day");
      if (newDay && !has) view.element.before(dayLine(view.message.timestamp));
      else if (!newDay && has) divider.remove();
      else if (newDay) divider.firstChild.textContent = dayOf(view.message.timestamp);
      view.element.tabIndex = -1;
      before = view.message;
    }
    for (const divider of this.log.querySelectorAll(".day")) {
      if (!divider.nextElementSibling?.matches(".message")) divider.remove();
    }
    if (this.log.lastElementChild?.matches(".message")) this.log.lastElementChild.tabIndex = 0;
    this.#welcome();
  }

  #welcome() {
    const has = this.log.firstElementChild?.matches(".welcome");
    if (has && !this.#whole) this.log.firstElementChild.remove();
    if (has || !this.#whole) return;
    const { state, channel } = this.page;
    this.log.querySelector(".welcome")?.remove();
    this.log.prepend(h("div", { class: "welcome" },
      h("h2", {}, words.welcome(state.placeName(channel))),
      h("p", {}, (state.isDirect(channel) ? words.welcomeDirect : words.welcomeHint)(state.bot.user.username))));
  }

  #forgetOldest() {
    if (this.#views.size <= MOST_KEPT) return;
    for (const [id, view] of this.#views) {
      if (this.#views.size <= MOST_KEPT - PAGE_SIZE) break;
      this.#views.delete(id);
      view.element.remove();
    }
    this.#whole = false;
    this.#arrange();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < AT_THE_END;
    if (this.#atEnd) {
      this.jump.hidden = true;
      this.page.read();
    } else if (this.jump.hidden && scrollHeight - scrollTop - clientHeight > clientHeight) {
      this.jump.firstChild.textContent = words.toPresent;
      this.jump.hidden = false;
    }
    if (scrollTop < NEAR_THE_START && !this.#whole && this.#views.size) this.#older();
  }

  /** The arrow keys go from message to message once one has the focus. */
  #walk(event) {
    if (!event.target.matches("article")) return;
    const views = [...this.#views.values()].map((view) => view.element);
    const at = views.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: views.length - 1 }[event.key];
    if (to === undefined || !views[to]) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    views[to].tabIndex = 0;
    views[to].focus();
  }
}

function dayLine(iso) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, dayOf(iso)));
}
