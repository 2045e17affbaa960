// What the page knows: who you are, and the servers, channels and people as the last READY told them. No elements here.

export const DIRECT = "direct"; // stands for a server's id where the direct messages are shown

const DM = 1;
const TEXT_CHANNELS = new Set([0, 5]);
const THREADS = new Set([10, 11, 12]);
const CATEGORY = 4;
export const MAY = {
  addReactions: 1n << 6n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  attachFiles: 1n << 15n,
  createThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
};

export class State {
  me = null;
  people = [];
  bot = null;
  model = null; // the bot's, where it can be changed
  guilds = [];
  direct = [];
  unread = new Map(); // channel id -> mentions of me among the unread messages
  #channels = new Map();
  #users = new Map();

  ready(data) {
    if (this.me?.id !== data.me.id) this.unread.clear();
    this.me = data.me;
    this.people = data.people;
    this.bot = data.bot;
    this.model = data.model;
    this.guilds = data.guilds;
    this.direct = data.private_channels;
    this.#channels.clear();
    for (const guild of this.guilds) {
      for (const channel of [...guild.channels, ...guild.threads]) this.#channels.set(channel.id, { ...channel, guild });
      for (const member of guild.members) this.#users.set(member.user.id, member.user);
    }
    for (const channel of this.direct) {
      this.#channels.set(channel.id, { ...channel, guild: null });
      for (const user of channel.recipients) this.#users.set(user.id, user);
    }
    for (const person of this.people) this.#users.set(person.user.id, person.user);
  }

  guild(id) {
    return this.guilds.find((guild) => guild.id === id) ?? null;
  }

  channel(id) {
    return this.#channels.get(id) ?? null;
  }

  user(id) {
    return this.#users.get(id) ?? null;
  }

  /** A channel's name as people write it: `#general`, a thread's bare name, `@assistant` for a direct conversation. */
  placeName(channel) {
    if (channel.type === DM) return `@${this.nameOf(this.other(channel), null)}`;
    return THREADS.has(channel.type) ? channel.name : `#${channel.name}`;
  }

  isThread(channel) {
    return THREADS.has(channel.type);
  }

  isDirect(channel) {
    return channel.type === DM;
  }

  /** The other one in a direct conversation. */
  other(channel) {
    return channel.recipients.find((user) => user.id !== this.me.id) ?? channel.recipients[0];
  }

  nameOf(user, guild) {
    const member = guild?.members.find((one) => one.user.id === user.id);
    return member?.nick || user.global_name || user.username;
  }

  /** A user with the picture that they have in that server. */
  faceOf(user, guild) {
    const member = guild?.members.find((one) => one.user.id === user.id);
    return member?.avatar ? { ...user, avatar: member.avatar } : user;
  }

  /** The colour that a member's highest coloured role gives their name, as #rrggbb; null for none. */
  colourOf(user, guild) {
    const member = guild?.members.find((one) => one.user.id === user.id);
    const roles = (guild?.roles ?? []).filter((role) => role.color && member?.roles.includes(role.id));
    roles.sort((one, other) => other.position - one.position);
    return roles.length ? `#${roles[0].color.toString(16).padStart(6, "0")}` : null;
  }

  may(channel, permission) {
    return (BigInt(channel.permissions) & permission) === permission;
  }

  mayWrite(channel) {
    return this.may(channel, this.isThread(channel) ? MAY.sendInThreads : MAY.sendMessages);
  }

  /** A server's channels in their order, each category followed by its own, each channel by its threads. */
  order(guild) {
    const byPosition = (one, other) => one.position - other.position || (BigInt(one.id) < BigInt(other.id) ? -1 : 1);
    const text = (parent) =>
      guild.channels.filter((one) => TEXT_CHANNELS.has(one.type) && (one.parent_id ?? null) === parent).sort(byPosition);
    const categories = guild.channels.filter((one) => one.type === CATEGORY).sort(byPosition);
    const entries = [];
    for (const category of [null, ...categories]) {
      const channels = text(category?.id ?? null);
      if (category && channels.length) entries.push({ category });
      for (const channel of channels) {
        entries.push({ channel });
        for (const thread of guild.threads.filter((one) => one.parent_id === channel.id)) entries.push({ channel: thread });
      }
    }
    return entries;
  }

  /** The channel that is opened where none was asked for. */
  get firstChannel() {
    const [first] = this.guilds.flatMap((guild) => this.order(guild)).filter((entry) => entry.channel);
    return first?.channel ?? this.direct[0];
  }

  /** Mentions of me in the unread channels of a place; undefined where all is read. */
  unreadIn(place) {
    const counts = [...this.unread].filter(([id]) => (this.channel(id)?.guild?.id ?? DIRECT) === place).map(([, count]) => count);
    return counts.length ? counts.reduce((sum, count) => sum + count, 0) : undefined;
  }

  /** A message's text as its author would type it: names in the place of ids. */
  asTyped(content, guild) {
    return content
      .replace(/<@!?(\d+)>/g, (source, id) => (this.user(id) ? `@${this.nameOf(this.user(id), guild)}` : source))
      .replace(/<#(\d+)>/g, (source, id) => (this.channel(id) ? `#${this.channel(id).name}` : source));
  }

  /** Whether a message speaks to me: by my name, a role of mine, or everyone. */
  mentionsMe(message, guild) {
    if (message.mention_everyone || message.mentions.some((user) => user.id === this.me.id)) return true;
    const mine = guild?.members.find((one) => one.user.id === this.me.id)?.roles ?? [];
    return message.mention_roles.some((role) => mine.includes(role));
  }
}
