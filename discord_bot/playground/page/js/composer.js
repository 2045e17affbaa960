// The box in which people write: drafts, suggestions, replies, files. What a text means (a mention, a command) the
// playground decides; here it stays text, so that plain typing and Enter always work.

import { commandOf, suggest } from "./completion.js";
import { avatar, h, icon, iconButton } from "./elements.js";
import { encoded, Files } from "./files.js";
import { MAY } from "./state.js";
import { words } from "./words.js";

const LONGEST = 2000; // characters of a message, as Discord counts them: by code point
const COUNT_FROM = 1800; // characters from which the rest is counted down
const TYPING_EVERY = 8000; // milliseconds: Discord shows it for ten seconds
const DRAFTS = "playground.drafts"; // key in the tab's own storage
const ASK_AFTER = 120; // milliseconds without a key until the bot is asked for suggestions

export class Composer {
  #drafts = new Map(JSON.parse(sessionStorage.getItem(DRAFTS) ?? "[]")); // channel id -> text
  #picks = {}; // text of a suggestion that was taken -> what it stands for
  #reply = null;
  #suggestions = null;
  #chosen = -1;
  #asked = 0;
  #typingTold = 0;
  #commands = [];

  constructor(page, parent) {
    this.page = page;
    this.typing = h("p", { class: "typing", role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.offline = h("p", { class: "offline", role: "status" });
    this.lead = h("div", { class: "composer-lead" });
    this.popup = h("div", { class: "popup", hidden: true });
    this.files = new Files(this, document.querySelector(".conversation"));
    this.box = h("textarea", {
      id: "composer", rows: 1, autocomplete: "off", "aria-autocomplete": "list",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onclick: () => this.#suggest(),
      onblur: () => this.#close(), onpaste: (event) => this.files.paste(event),
    });
    this.attachButton = iconButton("attach", words.attach, () => this.files.choose());
    this.count = h("span", { class: "count" });
    this.form = h("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), this.send()) },
      this.popup, this.lead, this.files.list,
      h("div", { class: "composer-row" }, this.attachButton, this.files.input, this.box, this.count,
        h("button", { type: "submit", class: "icon-button send", "aria-label": words.send, title: words.send }, icon("send"))));
    parent.append(this.offline, this.problem, this.form, this.typing);
    window.addEventListener("pagehide", () => {
      if (this.channel) this.#drafts.set(this.channel.id, this.box.value);
      sessionStorage.setItem(DRAFTS, JSON.stringify([...this.#drafts].filter(([, text]) => text)));
    });
  }

  /** Prepares for a channel: its name, its draft, whether one may write in it. */
  show(channel) {
    const { state } = this.page;
    if (this.channel) this.#drafts.set(this.channel.id, this.box.value);
    const moved = this.channel?.id !== channel.id;
    this.channel = channel;
    this.box.setAttribute("aria-label", words.message(state.placeName(channel)));
    const may = state.mayWrite(channel);
    this.box.placeholder = may ? words.message(state.placeName(channel)) : words.mayNotWrite;
    this.form.classList.toggle("closed", !may);
    this.box.readOnly = !may;
    this.attachButton.disabled = !may || !state.may(channel, MAY.attachFiles);
    if (moved) {
      this.box.value = this.#drafts.get(channel.id) ?? "";
      this.files.show([]);
      this.say("");
      this.replyTo(null);
    }
    this.#fit();
    this.#close();
    this.#commands = [];
    this.offline.textContent = state.bot.online ? "" : words.botOffline(state.bot.user.username);
  }

  focus() {
    this.box.focus();
  }

  /** A sentence about what could not be done; empty for none. */
  say(sentence) {
    if (this.problem.textContent !== sentence) this.problem.textContent = sentence;
  }

  replyTo(message) {
    this.#reply = message;
    if (message === null) {
      this.lead.replaceChildren();
      return;
    }
    const name = this.page.state.nameOf(message.author, this.channel.guild);
    this.lead.replaceChildren(h("span", {}, words.replyingTo(name)), iconButton("close", words.stopReplying, () => {
      this.replyTo(null);
      this.focus();
    }));
    this.focus();
  }

  /** Writes something at the caret, such as a mention. */
  insert(text) {
    const { selectionStart, selectionEnd, value } = this.box;
    const space = selectionStart && !/\s$/.test(value.slice(0, selectionStart)) ? " " : "";
    this.box.setRangeText(`${space}${text} `, selectionStart, selectionEnd, "end");
    this.#typed();
    this.focus();
  }

  async send() {
    const { id } = this.channel;
    const before = { content: this.box.value, picks: this.#picks, files: this.files.all, reply: this.#reply };
    if ((!before.content.trim() && !before.files.length) || this.box.readOnly) return;
    this.#show({ content: "", picks: {}, files: [], reply: null }); // before anything takes its time: Enter sends once
    this.#close();
    this.#typingTold = 0;
    this.say("");
    const done = await this.page.do("send", {
      channel: id, content: before.content, picks: before.picks, reply_to: before.reply?.id ?? null, files: await encoded(before.files),
    });
    if (done === undefined && id === this.channel.id && !this.box.value) this.#show(before); // nothing that somebody wrote is lost
  }

  /** All that one is about to send. */
  #show({ content, picks, files, reply }) {
    this.box.value = content;
    this.#picks = picks;
    this.files.show(files);
    if (reply || this.#reply) this.replyTo(reply);
    this.#fit();
  }

  /** There are more files than before. */
  filesAdded() {
    this.focus();
    if (this.box.value.startsWith("/")) this.#suggest(); // the file that a command wants is there now
  }

  #typed() {
    this.#fit();
    this.#suggest();
    const now = Date.now();
    if (this.box.value && !this.box.value.startsWith("/") && now - this.#typingTold > TYPING_EVERY) {
      this.#typingTold = now;
      this.page.quietly("typing", { channel: this.channel.id });
    }
  }

  #fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
    const length = this.box.value.length < COUNT_FROM ? 0 : [...this.box.value].length;
    this.count.textContent = length < COUNT_FROM ? "" : String(LONGEST - length);
    this.count.classList.toggle("over", length > LONGEST);
  }

  #key(event) {
    if (event.isComposing) return;
    // Keys may come faster than suggestions: those for an older text are not meant any more.
    const open = this.#suggestions?.for === this.box.value && this.#suggestions.items.length;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = this.#suggestions.items.length;
      this.#choose(this.#chosen < 0 && step < 0 ? count - 1 : (this.#chosen + step + count) % count);
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.#take(Math.max(this.#chosen, 0));
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.#chosen >= 0 && !this.#alreadyWritten()) this.#take(this.#chosen);
      else this.send();
    } else if (event.key === "Escape") {
      if (this.#suggestions) this.#close();
      else if (this.#reply) this.replyTo(null);
      else this.page.read();
    } else if (event.key === "ArrowUp" && !this.box.value) {
      event.preventDefault();
      this.page.editNewest();
    }
  }

  /** A mention that is written out in full needs no choosing: Enter sends. */
  #alreadyWritten() {
    const { items, from } = this.#suggestions;
    const typed = this.box.value.slice(from, this.box.selectionStart).toLowerCase();
    return /^[@#]/.test(typed) && items[this.#chosen].label.toLowerCase() === typed;
  }

  async #suggest() {
    this.#asked += 1;
    const asked = this.#asked;
    const { value, selectionStart } = this.box;
    if (value.startsWith("/") && !this.#commands.length) {
      this.#commands = (await this.page.quietly("commands", { channel: this.channel.id })) ?? [];
    }
    const command = value.startsWith("/") ? commandOf(value, this.#commands) : undefined;
    if (command?.options.some((option) => option.autocomplete)) await new Promise((resolve) => setTimeout(resolve, ASK_AFTER));
    if (asked !== this.#asked) return;
    const suggestions = await suggest(value, selectionStart, {
      state: this.page.state, channel: this.channel, commands: this.#commands,
      files: this.files.all.length,
      ask: async (question) => (await this.page.quietly("autocomplete", { channel: this.channel.id, ...question })) ?? [],
    });
    if (asked !== this.#asked || this.box.value !== value || document.activeElement !== this.box) return;
    this.#suggestions = suggestions && { ...suggestions, for: value };
    if (suggestions) this.#showSuggestions();
    else this.#close();
  }

  #showSuggestions() {
    const { title, items } = this.#suggestions;
    const list = h("ul", { id: "suggestions", role: "listbox", "aria-label": words.suggestions }, items.map((item, index) =>
      h("li", {
        id: `suggestion-${index}`, role: "option", "aria-selected": "false",
        onpointerdown: (event) => (event.preventDefault(), this.#take(index)),
        onpointermove: () => this.#choose(index),
      },
      item.user ? avatar(item.user, item.label.slice(1), "small") : null,
      h("span", { class: "label" }, item.label), item.detail ? h("span", { class: "detail" }, item.detail) : null,
      item.note ? h("span", { class: "note" }, item.note) : null)));
    this.popup.replaceChildren(title ? h("p", { class: "popup-title" }, title) : "", items.length ? list : "");
    this.popup.hidden = !title && !items.length;
    if (items.length) this.box.setAttribute("aria-controls", "suggestions");
    else this.box.removeAttribute("aria-controls");
    this.#choose(this.#suggestions.chosen);
  }

  #choose(index) {
    if (this.#chosen === index && this.popup.querySelector('[aria-selected="true"]')) return;
    this.#chosen = index;
    this.popup.querySelectorAll("li").forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (index >= 0) {
      this.box.setAttribute("aria-activedescendant", `suggestion-${index}`);
      this.popup.querySelector(`#suggestion-${index}`)?.scrollIntoView({ block: "nearest" });
    } else this.box.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    const { items, from } = this.#suggestions;
    const item = items[index];
    if (item.attach) {
      this.files.choose();
      return;
    }
    if (item.pick) this.#picks[item.pick[0]] = item.pick[1];
    const start = item.at ?? from;
    const space = start > 0 && item.at && !/\s$/.test(this.box.value.slice(0, start)) ? " " : "";
    this.box.setRangeText(space + item.replacement, start, this.box.selectionStart, "end");
    this.#typed();
  }

  #close() {
    this.#asked += 1;
    this.#suggestions = null;
    this.#chosen = -1;
    this.popup.hidden = true;
    this.popup.replaceChildren();
    this.box.removeAttribute("aria-controls");
    this.box.removeAttribute("aria-activedescendant");
  }
}
