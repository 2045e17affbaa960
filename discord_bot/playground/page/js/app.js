// The page as a whole: it joins the connection, the state and the parts that show them. `page` is what those parts ask.

import { openModal } from "./components.js";
import { Composer } from "./composer.js";
import { Connection, Refused } from "./connection.js";
import { Conversation } from "./conversation.js";
import { ask } from "./dialog.js";
import { h } from "./elements.js";
import { Inspector } from "./inspector.js";
import { offerUndo } from "./keeping.js";
import { showChannels, showMembers, showPeople, showServers, showTop } from "./lists.js";
import { isEphemeral } from "./message.js";
import "./look.js";
import { DIRECT, State } from "./state.js";
import { Replay } from "./replay.js";
import { Troubles } from "./troubles.js";
import { Typing } from "./typing.js";
import { words } from "./words.js";
import { HASH, Workshop } from "./workshop.js";

const PERSON = "playground.person"; // key in the tab's own storage

const part = (id) => document.getElementById(id);

for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);

class Page {
  state = new State();
  channel = null;
  place = null;
  #lastIn = new Map(); // place -> channel id that was open there

  constructor() {
    this.connection = new Connection({
      onevent: (name, data) => this.#event(name, data),
      onstate: (connected) => this.#connected(connected),
    });
    this.conversation = new Conversation(this, part("scroller"), part("log"));
    this.troubles = new Troubles(this, part("troubles"), part("trouble-line"));
    this.replay = new Replay(this, part("replay-line"));
    this.inspector = new Inspector(this, part("inspector"));
    this.composer = new Composer(this, part("below"));
    this.typing = new Typing(this.composer.typing);
    this.workshop = new Workshop(this, part("workshop"));
    window.addEventListener("hashchange", () => this.#goToHash());
    document.addEventListener("visibilitychange", () => this.read());
    document.addEventListener("keydown", (event) => this.#key(event));
    part("sidebar").addEventListener("click", (event) => event.target.closest(".channel") && this.#showColumns(null));
    document.querySelector(".conversation").addEventListener("click", (event) => {
      if (!event.target.closest(".top") && matchMedia("(max-width: 1100px)").matches) this.#showColumns(null);
    });
    this.connection.person = sessionStorage.getItem(PERSON);
    this.connection.open(this.connection.person);
  }

  /** Does something; what went wrong is said by the composer, and undefined comes back. */
  async do(action, details) {
    try {
      return (await this.connection.do(action, details)) ?? null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.composer.say(error.message);
      return undefined;
    }
  }

  /** The same where a failure is of no interest, such as telling that somebody types. */
  async quietly(action, details) {
    try {
      return await this.connection.do(action, details);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return undefined;
    }
  }

  async open(id) {
    const channel = this.state.channel(id);
    if (channel) this.workshop.close();
    if (!channel || channel.id === this.channel?.id) return;
    this.typing.forget();
    this.channel = channel;
    this.place = channel.guild?.id ?? DIRECT;
    this.#lastIn.set(this.place, id);
    history.replaceState(null, "", `#${id}`);
    this.composer.show(channel);
    this.read();
    this.#showAround();
    await this.conversation.show(channel);
    this.inspector.moved();
    if (matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]") && !this.workshop.isOpen) this.composer.focus();
  }

  openWorkshop() {
    if (this.state.model) this.workshop.open();
  }

  /** The workshop lies over the chat, or no longer does. */
  around(isOver) {
    for (const each of part("app").children) each.inert = isOver && each.id !== "servers";
    document.querySelector(".skip").hidden = isOver;
    this.#showColumns(null);
    this.#showAround();
  }

  openPlace(place) {
    this.workshop.close();
    const guild = this.state.guild(place);
    const channels = guild ? this.state.order(guild).filter((entry) => entry.channel).map((entry) => entry.channel) : this.state.direct;
    const last = channels.find((channel) => channel.id === this.#lastIn.get(place)) ?? channels[0];
    if (last && this.place !== place) this.open(last.id);
    else {
      this.place = place;
      this.#showAround();
    }
  }

  be(key) {
    sessionStorage.setItem(PERSON, key);
    this.connection.person = key;
    this.do("be", { person: key });
  }

  async writeTo(user) {
    const channel = await this.do("open_dm", { user: user.id });
    if (channel) this.open(channel.id);
  }

  /** Brings a message into sight, in another channel too. */
  async goTo(id, channel = this.channel.id) {
    await this.open(channel);
    return this.conversation.goTo(id);
  }

  replyTo(message) {
    this.composer.replyTo(message);
  }

  focusComposer() {
    this.composer.focus();
  }

  editNewest() {
    this.conversation.newest((message) => message.author.id === this.state.me.id && !isEphemeral(message))?.edit();
  }

  dismiss(id) {
    this.do("dismiss", { message: id });
    this.focusComposer();
  }

  confirmRemove(message) {
    ask(words.confirmRemove, words.remove, () => this.do("delete", { message: message.id }), { danger: true });
  }

  startThread(message) {
    const suggestion = message.content.split("\n")[0].replace(/<[^>]*>/g, "").trim().slice(0, 40);
    const name = h("input", { type: "text", maxlength: 100, required: true, ".value": suggestion });
    ask(words.thread, words.create, async () => {
      const thread = await this.do("thread", { message: message.id, name: name.value });
      if (thread) this.open(thread.id);
    }, { field: h("label", { class: "field" }, h("span", {}, words.threadName), name) });
  }

  /** The open channel counts as read while its end is in sight. */
  read() {
    if (!this.channel || document.hidden || !this.conversation.atEnd || !this.state.unread.delete(this.channel.id)) return;
    this.#showAround();
  }

  /** Shows a column that is hidden, or hides it; on narrow screens it lies over the conversation. */
  toggle(column) {
    this.#showColumns(part("app").classList.contains(`toggled-${column}`) ? null : column);
  }

  /** Brings the conversation into sight, whatever lies over it. */
  uncover() {
    this.workshop.close();
    this.#showColumns(null);
  }

  showTop() {
    if (this.channel) showTop(part("top"), this);
  }

  #showColumns(toggled) {
    for (const name of ["sidebar", "members"]) part("app").classList.toggle(`toggled-${name}`, name === toggled);
  }

  #event(name, data) {
    const here = data.channel_id === this.channel?.id;
    if (name === "READY") this.#ready(data);
    else if (name === "MESSAGE_CREATE") this.#created(data, here);
    else if (name === "TYPING_START" && here) this.#types(data);
    else if (name === "INTERACTION_MODAL_CREATE") openModal(data, this);
    else if (name === "PERSONA_ANSWER") this.workshop.grows(data);
    else if (name === "INSPECTABLE") this.inspector.canShow(data.messages);
    else if (name === "REPLAY") this.replay.show(data.state);
    else if (name === "INTERACTION_FAILURE") this.composer.say(words.noResponse);
    else if (!here) return;
    else if (name === "MESSAGE_UPDATE") this.conversation.change(data);
    else if (name === "MESSAGE_DELETE") this.conversation.remove([data.id]);
    else if (name === "MESSAGE_DELETE_BULK") this.conversation.remove(data.ids);
    else if (name.startsWith("MESSAGE_REACTION_")) this.conversation.view(data.message_id)?.react(name, data);
  }

  #ready(data) {
    const anotherWorld = this.world !== undefined && this.world !== data.world;
    const someoneElse = anotherWorld || this.state.me?.id !== data.me.id;
    this.world = data.world;
    if (anotherWorld) {
      this.state.unread.clear();
      this.#showColumns(null);
      if (data.undo) offerUndo(this, part("undo"));
      else part("undo").replaceChildren();
    }
    this.state.ready(data);
    this.troubles.show(data.troubles);
    this.replay.show(data.replay);
    const atWorkshop = this.workshop.isOpen || location.hash === `#${HASH}`;
    const wanted = this.channel?.id ?? location.hash.slice(1);
    const channel = this.state.channel(wanted) ?? this.state.firstChannel;
    if (someoneElse || this.lost || channel?.id !== this.channel?.id) {
      this.lost = false;
      this.channel = null;
      if (channel) this.open(channel.id);
    } else {
      this.channel = channel;
      this.composer.show(channel);
      this.#showAround();
    }
    if (this.workshop.isOpen) this.workshop.refresh();
    else if (atWorkshop) this.openWorkshop();
  }

  #goToHash() {
    if (location.hash === `#${HASH}`) this.openWorkshop();
    else this.open(location.hash.slice(1));
  }

  #created(message, here) {
    this.typing.stops(message.author.id);
    if (here) this.conversation.add(message);
    const mine = message.author.id === this.state.me.id;
    if (mine || (here && !document.hidden && this.conversation.atEnd)) return;
    const channel = this.state.channel(message.channel_id);
    if (!channel) return;
    const speaksToMe = this.state.isDirect(channel) || this.state.mentionsMe(message, channel.guild);
    this.state.unread.set(channel.id, (this.state.unread.get(channel.id) ?? 0) + Number(speaksToMe));
    this.#showAround();
  }

  #types({ user_id: id }) {
    const user = id === this.state.me.id ? null : this.state.user(id);
    if (user) this.typing.starts(id, this.state.nameOf(user, this.channel.guild));
  }

  #showAround() {
    showServers(part("servers"), this);
    showChannels(part("channels"), this);
    showPeople(part("people"), this);
    if (!this.channel) return;
    showMembers(part("members"), this);
    this.showTop();
    const total = [...this.state.unread.values()].reduce((sum, count) => sum + count, 0);
    document.title = (total ? `(${total}) ` : "") + words.title(this.workshop.isOpen ? words.workshop : this.state.placeName(this.channel));
  }

  #connected(connected) {
    this.lost ||= !connected;
    part("banner").hidden = connected;
    part("banner").textContent = connected ? "" : words.lost;
  }

  /** Escape closes what lies over the conversation; a letter typed anywhere goes into the composer. */
  #key(event) {
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (this.workshop.isOpen || event.target.closest("dialog")) return;
    const free = !event.target.closest("input, textarea, select, button, [role=button]");
    if (plain && free && this.channel) this.composer.focus();
    if (event.key === "Escape" && /toggled-/.test(part("app").className) && matchMedia("(max-width: 1100px)").matches) this.#showColumns(null);
  }
}

new Page();
