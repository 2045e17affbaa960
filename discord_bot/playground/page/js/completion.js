// What could be meant by what stands before the caret: a person, a role, a channel, a command, an option's value.
// Pure but for `ask`, which puts a question to the playground.

import { words } from "./words.js";

const MOST = 25; // suggestions, as many as an option may have choices in Discord
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const ATTACHMENT = 11;

/** Suggestions for a draft, or null where there are none:
 *  `{ title, items: [{ label, note, replacement, pick }], from, chosen }`. An item replaces the draft from `from` to the
 *  caret; `pick` is what its text stands for, `attach` that a file is chosen instead; `chosen` is the item that Enter takes, -1 where Enter sends. */
export async function suggest(draft, caret, { state, channel, commands, ask, files = 0 }) {
  const before = draft.slice(0, caret);
  if (before.startsWith("/")) {
    const command = suggestCommand(before, commands) ?? (await suggestValue(before, { state, channel, commands, ask, files }));
    if (command) return command;
  }
  const mention = /(?:^|[\s(])([@#])([^\s@#]{0,32})$/u.exec(before);
  if (!mention) return null;
  const from = caret - mention[2].length - 1;
  const items = mention[1] === "@" ? people(mention[2], state, channel) : channels(mention[2], state, channel);
  return items.length ? { items, from, chosen: 0 } : null;
}

function suggestCommand(before, commands) {
  const typed = before.slice(1).toLowerCase();
  if (commands.some(({ name }) => typed.startsWith(`${name} `))) return null;
  const matching = ranked(commands, typed, ({ name }) => name, Infinity);
  if (!matching.length) return null;
  const items = matching.map((command) => ({
    label: `/${command.name}`,
    note: command.description,
    detail: command.options.map((option) => (option.required ? option.name : `[${option.name}]`)).join(" "),
    replacement: `/${command.name}${command.options.length ? " " : ""}`,
  }));
  const exact = commands.find(({ name }) => name === typed);
  const runs = exact && !exact.options.some((option) => option.required);
  return { items, from: 0, chosen: runs ? -1 : 0 };
}

async function suggestValue(before, { state, channel, commands, ask, files }) {
  const command = commandOf(before, commands);
  if (!command || !command.options.length) return null;
  const { option, value, from, given } = currentOption(before, command);
  if (!option) return null;
  const wantsFile = option.type === ATTACHMENT;
  const items = wantsFile ? [{ label: files ? words.otherFile : words.chooseFile, attach: true }] : (await valuesFor(option, value, { state, channel, command, before, ask }))
    .slice(0, MOST).map((item) => ({ ...item, replacement: `${item.replacement ?? item.label} ` }));
  if (!value) {
    const others = command.options.filter((one) => one !== option && !given.has(one.name));
    items.push(...others.map((one) => ({ label: `${one.name}:`, note: one.description, replacement: `${one.name}: `, at: before.length })));
  }
  return { title: `${option.name}: ${option.description}`, items, from, chosen: wantsFile && option.required && !files ? 0 : -1 };
}

/** The command whose whole name a draft begins with. */
export function commandOf(before, commands) {
  const typed = before.slice(1).toLowerCase();
  return commands.filter(({ name }) => typed === name || typed.startsWith(`${name} `)).sort((one, other) => other.name.length - one.name.length)[0];
}

/** Which option the caret is in: the last one named, else the first one without a value. */
function currentOption(before, command) {
  const start = command.name.length + 2;
  const names = command.options.map((option) => option.name);
  const marks = [...before.slice(start).matchAll(/(?:^|\s)([-_\p{L}\p{N}]+):\s*/gu)].filter((mark) => names.includes(mark[1]));
  const given = new Set(marks.map((mark) => mark[1]));
  const last = marks.at(-1);
  if (last) {
    const from = start + last.index + last[0].length;
    return { option: command.options.find((one) => one.name === last[1]), value: before.slice(from), from, given };
  }
  return { option: command.options[0], value: before.slice(start), from: start, given };
}

async function valuesFor(option, value, { state, channel, command, before, ask }) {
  if (option.choices?.length) return ranked(option.choices, value, ({ name }) => name).map(choiceItem);
  if (option.autocomplete) {
    const choices = await ask({ command: command.name, focused: option.name, value: value.trim(), text: before });
    return choices.map(choiceItem);
  }
  const kind = { [USER]: people, [ROLE]: people, [CHANNEL]: channels }[option.type];
  return kind ? kind(value.replace(/^[@#]/, ""), state, channel) : [];
}

function choiceItem({ name, value }) {
  return { label: name, replacement: name, pick: String(value) === name ? null : [name, value] };
}

function people(typed, state, channel) {
  const { guild } = channel;
  const users = guild ? guild.members.map((member) => member.user) : [state.me, ...channel.recipients.filter(({ id }) => id !== state.me.id)];
  const items = users.map((user) => ({
    label: `@${state.nameOf(user, guild)}`, note: user.bot ? words.bot : "", user, search: `${state.nameOf(user, guild)} ${user.username}`,
    pick: [`@${state.nameOf(user, guild)}`, `<@${user.id}>`],
  }));
  const roles = (guild?.roles ?? []).filter((role) => role.id !== guild.id).map((role) => ({
    label: `@${role.name}`, note: words.role, search: role.name, pick: [`@${role.name}`, `<@&${role.id}>`],
  }));
  return ranked([...items, ...roles], typed, ({ search }) => search).map((item) => ({ ...item, replacement: `${item.label} ` }));
}

function channels(typed, state, channel) {
  const all = channel.guild ? [...channel.guild.channels.filter(({ type }) => type !== 4), ...channel.guild.threads] : [];
  const items = all.map((one) => ({ label: `#${one.name}`, note: "", replacement: `#${one.name} `, pick: [`#${one.name}`, `<#${one.id}>`] }));
  return ranked(items, typed, ({ label }) => label.slice(1));
}

/** Those whose text begins with what was typed, then those that hold it. */
function ranked(all, typed, textOf, most = MOST) {
  const wanted = typed.trim().toLowerCase();
  const text = (one) => textOf(one).toLowerCase();
  const first = all.filter((one) => text(one).startsWith(wanted));
  return [...first, ...all.filter((one) => !first.includes(one) && text(one).includes(wanted))].slice(0, most);
}
