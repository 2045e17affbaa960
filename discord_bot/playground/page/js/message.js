// One message as an article: who, when, what, and what can be done with it. It asks `page` for everything that happens.

import { actions, HAS_THREAD } from "./actions.js";
import { components } from "./components.js";
import { clockOf, dayOf, momentOf, tellTimes } from "./dates.js";
import { avatar, h, icon, morph, rendered } from "./elements.js";
import { attachment, embed } from "./extras.js";
import { locale } from "./language.js";
import { words } from "./words.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const MENU_COMMAND = 23;
const COMMANDS = new Set([20, MENU_COMMAND]);
const WRITTEN = new Set([0, 19, ...COMMANDS]);
const REPLY = 19;
const THREAD_START = 21;
const GROUP_GAP = 7 * 60_000; // milliseconds after which the same author gets a new heading, as in Discord
const QUIET = 1200; // milliseconds without an edit after which a streaming message counts as finished
const ONLY_EMOJI = /^(?=.*\p{Extended_Pictographic})(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f]|\s){1,60}$/u; // a few are shown large
const SHOWN_IN_REPLY = 160; // characters of the message replied to
const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/;

export const isEphemeral = (message) => (message.flags & EPHEMERAL) !== 0;

/** Whether a message stands under its predecessor's heading. */
export function continues(message, before) {
  return before !== null && message.type === 0 && WRITTEN.has(before.type)
    && !message.interaction_metadata && isEphemeral(message) === isEphemeral(before)
    && message.author.id === before.author.id && message.author.username === before.author.username
    && new Date(message.timestamp) - new Date(before.timestamp) < GROUP_GAP;
}

export class MessageView {
  #busy = null;
  #made = new Map(); // "embeds" and so on -> { shape, elements }

  constructor(message, page) {
    this.page = page;
    this.content = h("div", { class: "content" });
    this.extras = h("div", { class: "extras" });
    this.lead = h("div", { class: "lead" });
    this.gutter = h("div", { class: "gutter" });
    this.heading = h("header", { class: "heading" });
    this.element = h("article", { class: "message", tabindex: "-1", "data-id": message.id },
      this.lead, this.gutter, h("div", { class: "body" }, this.heading, this.content, this.extras));
    this.element.addEventListener("pointerenter", () => this.#offerActions());
    this.element.addEventListener("focusin", () => this.#offerActions());
    this.content.addEventListener("click", (event) => this.#clicked(event));
    this.content.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && event.target.matches(".spoiler:not(.open)")) this.#clicked(event);
    });
    this.message = message;
    this.day = dayOf(message.timestamp);
    this.#show();
  }

  /** Takes the message's newest state; while edits keep coming, the article is busy. */
  update(change) {
    const streamed = change.content !== this.message.content;
    this.message = change;
    if (streamed && change.edited_timestamp) {
      this.element.setAttribute("aria-busy", "true");
      clearTimeout(this.#busy);
      this.#busy = setTimeout(() => this.element.removeAttribute("aria-busy"), QUIET);
    }
    this.#show();
  }

  /** Somebody added a reaction or took one away. */
  react(name, { emoji, user_id: who }) {
    let reactions = (this.message.reactions ?? []).map((one) => ({ ...one }));
    const same = (one) => one.emoji.name === emoji?.name && one.emoji.id === emoji?.id;
    const known = reactions.find(same);
    const mine = who === this.page.state.me.id;
    if (name === "MESSAGE_REACTION_ADD" && known) Object.assign(known, { count: known.count + 1, me: known.me || mine });
    else if (name === "MESSAGE_REACTION_ADD") reactions.push({ emoji, count: 1, me: mine });
    else if (name === "MESSAGE_REACTION_REMOVE" && known) Object.assign(known, { count: known.count - 1, me: known.me && !mine });
    else reactions = name === "MESSAGE_REACTION_REMOVE_ALL" ? [] : reactions.filter((one) => !same(one));
    this.update({ ...this.message, reactions: reactions.filter(({ count }) => count > 0) });
  }

  /** Whether this message opens a group, with avatar and name, or goes on in one. */
  set first(first) {
    this.element.classList.toggle("first", first);
  }

  get name() {
    return this.page.state.nameOf(this.message.author, this.guild);
  }

  get guild() {
    return this.page.channel.guild;
  }

  #show() {
    const { message, page } = this;
    const name = message.webhook_id === message.author.id ? message.author.username : this.name;
    this.element.setAttribute("aria-label", `${name}, ${clockOf(message.timestamp)}`);
    this.element.classList.toggle("system", !WRITTEN.has(message.type));
    this.element.classList.toggle("ephemeral", isEphemeral(message));
    this.element.classList.toggle("for-me", page.state.mentionsMe(message, this.guild) && message.author.id !== page.state.me.id);
    morph(this.lead, h("div", {}, this.#lead()));
    if (!this.gutter.firstChild) this.#showAuthor(name);
    if (!this.editing) this.#showContent(name);
    replace(this.extras, this.#extras());
    const actions = this.element.querySelector(".actions");
    if (actions && !actions.contains(document.activeElement)) actions.remove(); // what can be done may have changed
  }

  #showAuthor(name) {
    const { author, timestamp } = this.message;
    const iso = timestamp;
    this.gutter.append(avatar(this.page.state.faceOf(author, this.guild), name), h("time", { datetime: iso, class: "short-time" }, clockOf(iso)));
    const label = h("span", { class: "author" }, name);
    const colour = this.page.state.colourOf(author, this.guild);
    if (colour) label.style.setProperty("--role", colour);
    label.classList.toggle("coloured", colour !== null);
    this.heading.append(label, author.bot ? h("span", { class: "tag" }, words.tagBot) : "", h("time", { datetime: iso, title: new Date(iso).toLocaleString(locale) }, momentOf(iso)));
  }

  #showContent(name) {
    const { message } = this;
    const next = rendered(this.#html(name));
    tellTimes(next);
    for (const mention of next.querySelectorAll("[data-user]")) {
      mention.classList.toggle("me", mention.dataset.user === this.page.state.me.id);
    }
    for (const spoiler of next.querySelectorAll(".spoiler")) spoiler.setAttribute("aria-label", words.spoiler);
    for (const block of next.querySelectorAll("pre")) {
      block.append(h("button", { type: "button", class: "copy", "aria-label": words.copy, title: words.copy }, icon("copy")));
    }
    if (message.edited_timestamp && !isEphemeral(message)) {
      const last = next.lastElementChild;
      (last?.matches("p, small") ? last : next).append(h("span", { class: "edited", title: new Date(message.edited_timestamp).toLocaleString(locale) }, words.edited));
    }
    this.content.classList.toggle("jumbo", WRITTEN.has(message.type) && ONLY_EMOJI.test(message.content));
    keepOpened(this.content, next);
    morph(this.content, next);
  }

  #html(name) {
    const { message } = this;
    if (WRITTEN.has(message.type)) {
      if (message.flags & LOADING && !message.content) return h("p", { class: "thinking" }, words.thinking(name)).outerHTML;
      return message.html ?? "";
    }
    const said = { 6: words.pinned(name), 7: words.joined(name), 18: words.startedThread(name, message.content), 21: words.threadStart(name) }[message.type];
    return h("p", {}, said ?? message.content).outerHTML;
  }

  #lead() {
    const { message, page } = this;
    const used = message.interaction_metadata;
    const command = message.interaction?.name ?? used?.name; // none where a form was sent in
    if (used?.user && COMMANDS.has(message.type) && command) {
      return h("div", { class: "reply-line" }, avatar(used.user, page.state.nameOf(used.user, this.guild), "tiny"),
        h("span", {}, words.used(page.state.nameOf(used.user, this.guild), message.type === MENU_COMMAND ? command : `/${command}`)));
    }
    if (message.type !== REPLY && message.type !== THREAD_START) return null;
    const original = message.referenced_message;
    if (!original) return h("div", { class: "reply-line" }, h("em", {}, words.originalGone));
    const name = page.state.nameOf(original.author, this.guild);
    const text = snippet(original);
    return h("button", { type: "button", class: "reply-line", onclick: () => page.goTo(original.id) },
      avatar(original.author, name, "tiny"),
      h("strong", {}, name),
      h("span", { class: "snippet" }, text || words.attachmentOnly));
  }

  #extras() {
    const { message, page } = this;
    return [
      ...this.#same("attachments", (files) => files.map((file) => attachment(file, message, page))),
      ...this.#same("embeds", (embeds) => embeds.map(embed)),
      ...this.#same("components", () => components(message, page)),
      this.#reactions(),
      this.#threadLink(),
      isEphemeral(message) ? this.#ephemeralNote() : null,
    ].filter(Boolean);
  }

  /** The elements for what stands in a message, made again only where that has changed: an edit of the text above must not
   *  take away a button that is being pressed or has the focus, and loads no picture anew. */
  #same(name, make) {
    const told = this.message[name] ?? [];
    const shape = JSON.stringify(told);
    if (this.#made.get(name)?.shape !== shape) this.#made.set(name, { shape, elements: make(told) });
    return this.#made.get(name).elements;
  }

  #ephemeralNote() {
    return h("p", { class: "only-you" }, `${words.onlyYou} · `,
      h("button", { type: "button", class: "link", onclick: () => this.page.dismiss(this.message.id) }, words.dismiss));
  }

  #reactions() {
    const reactions = this.message.reactions ?? [];
    if (!reactions.length) return null;
    return h("div", { class: "reactions" }, reactions.map(({ emoji, count, me }) =>
      h("button", {
        type: "button", class: "reaction", "aria-pressed": String(Boolean(me)), "aria-label": words.reactedWith(emoji.name, count),
        onclick: () => this.page.do(me ? "unreact" : "react", { message: this.message.id, emoji: emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name }),
      }, h("span", { class: "emoji" }, emoji.id ? `:${emoji.name}:` : emoji.name), h("span", {}, String(count)))));
  }

  #threadLink() {
    const thread = (this.message.flags & HAS_THREAD) && this.page.state.channel(this.message.id);
    if (!thread) return null;
    return h("button", { type: "button", class: "thread-link", onclick: () => this.page.open(thread.id) }, icon("thread"), thread.name);
  }

  /** What can be done appears over a message when it is pointed at or focused, and is made then. */
  #offerActions() {
    const { message } = this;
    if (isEphemeral(message) || !WRITTEN.has(message.type) || this.element.querySelector(".actions")) return;
    this.element.append(actions(this, this.page));
  }

  /** Turns the text into a box in which its author changes it. */
  edit() {
    if (this.editing) return;
    this.editing = true;
    const finish = () => {
      this.editing = false;
      this.content.replaceChildren();
      this.#showContent(this.name);
      this.page.focusComposer();
    };
    const box = h("textarea", { "aria-label": words.editing, rows: 1, ".value": this.page.state.asTyped(this.message.content, this.guild), onkeydown: async (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        finish();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (await this.page.do("edit", { message: this.message.id, content: box.value })) finish();
      }
    } });
    this.content.replaceChildren(h("div", { class: "editor" }, box, h("p", { class: "hint" }, words.editHint)));
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  #clicked(event) {
    const spoiler = event.target.closest(".spoiler:not(.open)");
    const channel = event.target.closest("a[data-channel]");
    const copy = event.target.closest("button.copy");
    const [, place, id] = MESSAGE_LINK.exec(event.target.closest("a")?.href ?? "") ?? [];
    if (spoiler) {
      event.preventDefault();
      reveal(spoiler);
    } else if (channel) {
      event.preventDefault();
      this.page.open(channel.dataset.channel);
    } else if (this.page.state.channel(place)) {
      event.preventDefault();
      this.page.goTo(id, place);
    } else if (copy) {
      navigator.clipboard?.writeText(copy.parentElement.querySelector("code").textContent);
      copy.title = words.copied;
      copy.classList.add("done");
      setTimeout(() => copy.classList.remove("done"), QUIET);
    }
  }
}

/** Makes these the children of an element, touching none that is in its place already: one that is moved loses the focus. */
function replace(parent, children) {
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

/** The beginning of a message in one line; what it hides stays hidden. */
function snippet(message) {
  const content = rendered(message.html ?? "");
  for (const spoiler of content.querySelectorAll(".spoiler")) spoiler.textContent = "•••";
  tellTimes(content);
  return content.textContent.replace(/\s+/g, " ").trim().slice(0, SHOWN_IN_REPLY);
}

function reveal(spoiler) {
  spoiler.classList.add("open");
  for (const name of ["role", "tabindex", "aria-label"]) spoiler.removeAttribute(name);
}

/** An edit does not close the spoilers that the reader has opened. */
function keepOpened(now, next) {
  const fresh = [...next.querySelectorAll(".spoiler")];
  [...now.querySelectorAll(".spoiler")].forEach((spoiler, index) => {
    if (spoiler.classList.contains("open") && fresh[index]) reveal(fresh[index]);
  });
}
