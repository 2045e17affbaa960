// The conversation that is open: where the reader is in it, and the messages around that place. However long a channel is,
// the page holds a few hundred of its messages: others come on scrolling up and down, and those far away leave.

import { h, icon } from "./elements.js";
import { continues, MessageView } from "./message.js";
import { words } from "./words.js";

const AT_THE_END = 48; // pixels from the bottom that still count as being there
const NEAR = 2000; // pixels from the first or the last message at which further ones are fetched
const MOST_KEPT = 200; // messages; with more, those farthest from the reader leave the page
const FIRST_PAGE = 100; // messages with which a channel opens
const NEXT_PAGE = 50; // messages that are fetched on scrolling: so few that no frame comes late for them

export class Conversation {
  #views = new Map(); // message id -> MessageView, the oldest first
  #atEnd = true;
  #hasOldest = false;
  #hasNewest = false;
  #loading = null;
  #width = 0; // pixels, as it was last seen: a change reaches scrolling before it reaches the observer

  constructor(page, scroller, log) {
    this.page = page;
    this.scroller = scroller;
    this.log = log;
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() },
      h("span", {}, words.toPresent), icon("down"));
    scroller.after(this.jump);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    log.addEventListener("keydown", (event) => this.#walk(event));
    const follow = new ResizeObserver(() => {
      this.#width = scroller.clientWidth;
      if (this.atEnd) this.toEnd();
    });
    follow.observe(log);
    follow.observe(scroller);
  }

  /** Shows a channel from its end; resolves when its newest messages stand. */
  async show(channel) {
    this.#clear();
    this.#atEnd = true;
    this.jump.hidden = true;
    this.log.setAttribute("aria-busy", "true"); // a hundred old messages are not news to be read out
    const messages = await this.#fetch(channel, { limit: FIRST_PAGE });
    if (!messages) return;
    this.#hasNewest = true;
    this.#hasOldest = messages.length < FIRST_PAGE;
    this.#insert(messages, true);
    this.toEnd();
    requestAnimationFrame(() => this.log.removeAttribute("aria-busy"));
  }

  /** Whether the reader sees the newest message. */
  get atEnd() {
    return this.#atEnd && this.#hasNewest;
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
    if (this.#hasNewest) this.#insert([message], true);
    if (this.atEnd || message.author.id === this.page.state.me.id) this.toEnd();
    else {
      this.jump.firstChild.textContent = words.newMessages;
      this.jump.hidden = false;
    }
    if (this.atEnd) this.#forget(true);
  }

  change(message) {
    const follows = this.atEnd; // asked before it grows: the event of the last scrolling may not have come yet
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
    if (!this.#hasNewest) {
      if (!this.#loading) this.show(this.page.channel);
      return;
    }
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.jump.hidden = true;
  }

  /** Brings a message into sight, wherever in the channel it stands. */
  async goTo(id) {
    if (!this.#views.has(id)) await this.#moveTo(id);
    const view = this.#views.get(id);
    if (!view) return;
    this.#atEnd = false;
    view.element.scrollIntoView({ block: "center" });
    view.element.focus({ preventScroll: true });
    view.element.classList.add("pointed-at");
    setTimeout(() => view.element.classList.remove("pointed-at"), 1600);
  }

  /** Holds the messages around one, where it is still there. */
  async #moveTo(id) {
    const { channel } = this.page;
    const until = await this.#fetch(channel, { before: String(BigInt(id) + 1n), limit: NEXT_PAGE });
    const after = await this.#fetch(channel, { after: id, limit: NEXT_PAGE });
    if (until?.at(-1)?.id !== id || !after) return;
    this.#clear();
    this.#hasOldest = until.length < NEXT_PAGE;
    this.#hasNewest = after.length < NEXT_PAGE;
    this.#insert([...until, ...after], true);
    this.jump.hidden = this.#hasNewest;
  }

  #clear() {
    this.#views.clear();
    this.log.replaceChildren();
    this.#hasOldest = this.#hasNewest = false;
  }

  /** A page of a channel; undefined where it could not be had, or another channel is open by now. */
  async #fetch(channel, where) {
    const messages = await this.page.do("history", { channel: channel.id, ...where });
    return channel.id === this.page.channel?.id ? messages : undefined;
  }

  /** Fetches the messages next to the oldest or the newest that is here; those far from there leave. */
  #more(older) {
    const edge = older ? this.#views.keys().next().value : [...this.#views.keys()].at(-1);
    this.#loading ??= this.#fetch(this.page.channel, { [older ? "before" : "after"]: edge, limit: NEXT_PAGE }).then((messages) => {
      if (!messages || !this.#views.has(edge)) return;
      if (older) this.#hasOldest = messages.length < NEXT_PAGE;
      else this.#hasNewest = messages.length < NEXT_PAGE;
      this.#inPlace(() => {
        this.#insert(messages, !older);
        this.#forget(!older);
      });
    }).finally(() => {
      this.#loading = null;
    });
  }

  /** Changes what is here so that what the reader looks at stays where it is. */
  #inPlace(change) {
    const { top } = this.scroller.getBoundingClientRect();
    const looked = [...this.#views.values()].find(({ element }) => element.getBoundingClientRect().bottom > top)?.element;
    const before = looked?.getBoundingClientRect().top;
    this.scroller.classList.add("unanchored");
    change();
    if (looked?.isConnected) this.scroller.scrollTop += looked.getBoundingClientRect().top - before;
    this.scroller.classList.remove("unanchored");
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

  /** Lets the oldest, or the newest, leave the page where there are too many. */
  #forget(oldest) {
    const excess = this.#views.size - MOST_KEPT;
    if (excess <= 0) return;
    const ids = [...this.#views.keys()];
    for (const id of oldest ? ids.slice(0, excess) : ids.slice(-excess)) {
      this.#views.get(id).element.remove();
      this.#views.delete(id);
    }
    if (oldest) this.#hasOldest = false;
    else this.#hasNewest = false;
    this.#arrange();
  }

  /** Headings, days and the beginning: what depends on a message's neighbours. */
  #arrange() {
    let before = null;
    for (const view of this.#views.values()) {
      const newDay = before?.day !== view.day;
      view.first = newDay || !continues(view.message, before.message);
      const divider = view.element.previousElementSibling;
      const has = divider?.matches(".day");
      if (newDay && !has) view.element.before(dayLine(view.day));
      else if (!newDay && has) divider.remove();
      else if (newDay) divider.firstChild.textContent = view.day;
      if (view.element.tabIndex !== -1) view.element.tabIndex = -1;
      before = view;
    }
    for (const divider of this.log.querySelectorAll(".day")) {
      if (!divider.nextElementSibling?.matches(".message")) divider.remove();
    }
    if (this.log.lastElementChild?.matches(".message")) this.log.lastElementChild.tabIndex = 0;
    this.#welcome();
  }

  #welcome() {
    const has = this.log.firstElementChild?.matches(".welcome");
    if (has && !this.#hasOldest) this.log.firstElementChild.remove();
    if (has || !this.#hasOldest) return;
    const { state, channel } = this.page;
    this.log.querySelector(".welcome")?.remove();
    this.log.prepend(h("div", { class: "welcome" },
      h("h2", {}, words.welcome(state.placeName(channel))),
      h("p", {}, (state.isDirect(channel) ? words.welcomeDirect : words.welcomeHint)(state.bot.user.username))));
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight, clientWidth } = this.scroller;
    if (clientWidth !== this.#width && this.atEnd) return this.toEnd(); // not the reader scrolls, but the browser, to stay in place
    const below = scrollHeight - scrollTop - clientHeight;
    this.#atEnd = below < AT_THE_END;
    if (this.atEnd) {
      this.jump.hidden = true;
      this.page.read();
    } else if (this.jump.hidden && (below > clientHeight || !this.#hasNewest)) {
      this.jump.firstChild.textContent = words.toPresent;
      this.jump.hidden = false;
    }
    if (!this.#views.size) return;
    if (scrollTop < NEAR && !this.#hasOldest) this.#more(true);
    else if (below < NEAR && !this.#hasNewest) this.#more(false);
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

function dayLine(day) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, day));
}
