// What stands around the conversation: servers, channels, who you are, members, and the line above.

import { avatar, h, icon, iconButton } from "./elements.js";
import { openGuide } from "./guide.js";
import { locale } from "./language.js";
import { openModels } from "./models.js";
import { openSettings } from "./settings.js";
import { DIRECT } from "./state.js";
import { words } from "./words.js";

export function showServers(parent, page) {
  const { state } = page;
  const entry = (id, label, content) => {
    const unread = state.unreadIn(id);
    return h("button", {
      type: "button", class: `server ${unread ? "unread" : ""}`, title: label,
      "aria-current": page.place === id && !page.workshop.isOpen ? "true" : null, onclick: () => page.openPlace(id),
    }, h("span", { "aria-hidden": "true" }, content), h("span", { class: "hidden" }, label), badge(unread));
  };
  fill(parent,
    entry(DIRECT, words.directMessages, icon("direct")),
    h("hr"),
    ...state.guilds.map((guild) => entry(guild.id, guild.name, initials(guild.name))),
    state.model && iconButton("workshop", words.workshop, () => page.openWorkshop(), {
      class: "icon-button last", "aria-current": page.workshop.isOpen ? "page" : null,
    }),
    state.model && iconButton("model", words.modelNow(state.model.name), () => openModels(page)),
    state.model && iconButton("leave", words.toDiscord, () => openGuide(page)),
    iconButton("settings", words.settings, () => openSettings(page), { class: `icon-button ${state.model ? "" : "last"}` }));
}

export function showChannels(parent, page) {
  const { state, place } = page;
  const guild = state.guild(place);
  const entries = guild ? state.order(guild) : state.direct.map((channel) => ({ channel }));
  fill(parent,
    h("h2", { class: "place" }, guild?.name ?? words.directMessages),
    h("ul", {}, entries.map(({ category, channel }) =>
      category ? h("li", { class: "category" }, category.name) : h("li", {}, channelButton(channel, page)))),
    entries.length ? "" : h("p", { class: "hint" }, words.noDirectMessages),
    entries.length ? "" : h("button", { type: "button", class: "button secondary", onclick: () => page.writeTo(state.bot.user) }, words.writeTo(state.bot.user.username)));
}

function channelButton(channel, page) {
  const { state } = page;
  const unread = state.unread.get(channel.id);
  const direct = state.isDirect(channel);
  const name = direct ? state.nameOf(state.other(channel), null) : channel.name;
  const mark = direct ? avatar(state.other(channel), name, "small")
    : h("span", { class: "mark", "aria-hidden": "true" }, state.isThread(channel) ? "└" : "#");
  return h("button", {
    type: "button", class: `channel ${state.isThread(channel) ? "thread" : ""} ${unread === undefined ? "" : "unread"}`,
    "aria-current": page.channel?.id === channel.id ? "page" : null, onclick: () => page.open(channel.id),
  }, mark, h("span", { class: "name" }, name), unread === undefined ? "" : h("span", { class: "hidden" }, ` (${words.unread})`), badge(unread));
}

/** The switch of who you are: everybody is one click away. */
export function showPeople(parent, page) {
  const { state } = page;
  const me = state.people.find((person) => person.user.id === state.me.id);
  const name = state.nameOf(state.me, state.guild(page.place));
  fill(parent,
    h("p", { class: "myself" }, avatar(state.me, name), h("span", {}, h("small", {}, words.youAre), h("strong", {}, name), me?.note ? h("small", {}, me.note) : "")),
    h("div", { class: "switch", role: "radiogroup", "aria-label": words.youAre, onkeydown: (event) => walk(event, page) }, state.people.map((person) => {
      const chosen = person.user.id === state.me.id;
      const label = state.nameOf(person.user, null);
      return h("button", {
        type: "button", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1", "data-key": person.key,
        "aria-label": person.note ? `${label}, ${person.note}` : label, title: person.note ? `${words.be(label)}, ${person.note}` : words.be(label),
        onclick: () => page.be(person.key),
      }, avatar(person.user, label, "small"));
    })));
}

function walk(event, page) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const { people, me } = page.state;
  const at = people.findIndex((person) => person.user.id === me.id);
  page.be(people[(at + step + people.length) % people.length].key);
}

export function showMembers(parent, page) {
  const { state, channel } = page;
  const guild = channel?.guild;
  parent.hidden = !guild;
  if (!guild) return;
  const members = guild.members.map((member) => ({ user: member.user, name: state.nameOf(member.user, guild) }))
    .sort((one, other) => one.name.localeCompare(other.name, locale));
  const group = (title, of) => of.length ? [h("h2", {}, `${title} · ${of.length}`), h("ul", {}, of.map((one) => h("li", {}, memberButton(one, guild, page))))] : [];
  fill(parent,
    ...group(words.members, members.filter(({ user }) => !user.bot)),
    ...group(words.bots, members.filter(({ user }) => user.bot)));
}

function memberButton({ user, name }, guild, page) {
  const { state } = page;
  const isTheBot = user.id === state.bot.user.id;
  const away = isTheBot && !state.bot.online;
  const label = h("span", { class: "name" }, name);
  const colour = state.colourOf(user, guild);
  if (colour) {
    label.style.setProperty("--role", colour);
    label.classList.add("coloured");
  }
  const mine = user.id === state.me.id;
  return h("button", {
    type: "button", class: `member ${away ? "away" : ""}`, title: mine ? null : words.writeTo(name), disabled: mine,
    onclick: () => page.writeTo(user),
  },
  avatar(state.faceOf(user, guild), name, "small"), label,
  guild.owner_id === user.id ? h("span", { class: "owner", title: words.tagOwner }, icon("crown"), h("span", { class: "hidden" }, words.tagOwner)) : "",
  user.bot ? h("span", { class: "tag" }, words.tagBot) : "",
  isTheBot ? h("span", { class: "presence", title: away ? words.offline : words.online }, h("span", { class: "hidden" }, away ? words.offline : words.online)) : "");
}

export function showTop(parent, page) {
  const { state, channel } = page;
  fill(parent,
    iconButton("menu", words.showChannels, () => page.toggle("sidebar"), { class: "icon-button narrow" }),
    h("h1", {}, state.placeName(channel)),
    channel.topic ? h("p", { class: "topic" }, channel.topic) : h("span", { class: "topic" }),
    iconButton("trouble", words.troubles, () => page.troubles.toggle(), {
      class: `icon-button troubles-button ${page.troubles.on?.length ? "on" : ""}`, "aria-expanded": String(page.troubles.isOpen), "aria-controls": "troubles",
    }),
    iconButton("inspect", words.inspector, () => page.inspector.toggle(), {
      class: "icon-button inspector-button", "aria-expanded": String(page.inspector.isOpen), "aria-controls": "inspector",
    }),
    channel.guild ? iconButton("members", words.showMembers, () => page.toggle("members")) : "");
}

function badge(mentions) {
  return mentions ? h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, String(mentions)), h("span", { class: "hidden" }, words.unreadMentions(mentions))) : "";
}

function initials(name) {
  return name.split(/\s+/).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
}

/** Replaces what a parent holds; the focus stays with the same control. */
function fill(parent, ...children) {
  const focused = parent.contains(document.activeElement)
    ? [...parent.querySelectorAll("button")].indexOf(document.activeElement) : -1;
  const wasChoice = document.activeElement?.matches('[role="radio"]');
  parent.replaceChildren(...children.filter(Boolean));
  if (wasChoice && focused >= 0) parent.querySelector('[role="radio"][aria-checked="true"]')?.focus();
  else if (focused >= 0) parent.querySelectorAll("button")[focused]?.focus();
}
