// What can be done with a message, as the buttons over it: by whoever looks at it, in the channel where it stands.

import { h, iconButton } from "./elements.js";
import { toggleMenu } from "./menu.js";
import { MAY } from "./state.js";
import { words } from "./words.js";

export const HAS_THREAD = 1 << 5; // flag of a message
const COMMON_REACTIONS = ["👍", "❤️", "😂", "🎉", "👀", "🤔", "✅", "❌"];

/** The buttons for the message of a view. */
export function actions(view, page) {
  const { message } = view;
  const { state, channel } = page;
  const mine = message.author.id === state.me.id;
  const writable = state.mayWrite(channel);
  const threads = channel.guild && !state.isThread(channel) && state.may(channel, MAY.createThreads) && !(message.flags & HAS_THREAD);
  const menu = { "aria-haspopup": "menu" };
  return h("div", { class: "actions", role: "group", "aria-label": words.actions },
    state.may(channel, MAY.addReactions) && iconButton("react", words.react, (event) => pickReaction(event.currentTarget, message, page), menu),
    writable && iconButton("reply", words.reply, () => page.replyTo(view.message)),
    mine && iconButton("edit", words.edit, () => view.edit()),
    iconButton("apps", words.apps, (event) => pickCommand(event.currentTarget, message, page), menu),
    message.author.bot && iconButton("inspect", words.inspect, () => page.inspector.open(message.id)),
    threads && iconButton("thread", words.thread, () => page.startThread(view.message)),
    (mine || state.may(channel, MAY.manageMessages)) && iconButton("remove", words.remove, () => page.confirmRemove(message), { class: "icon-button danger" }));
}

function pickReaction(button, message, page) {
  toggleMenu(button, "reaction-picker", words.react,
    COMMON_REACTIONS.map((emoji) => [emoji, () => page.do("react", { message: message.id, emoji })]));
}

/** The application's commands for a message, as the bot has registered them by now. */
async function pickCommand(button, message, page) {
  const commands = await page.do("message_commands", { channel: message.channel_id });
  if (!commands || !button.isConnected) return;
  const entries = commands.map(({ name, label }) => [label, () => page.do("run_on_message", { message: message.id, name })]);
  toggleMenu(button, "apps", words.apps, entries.length ? entries : [[words.noApps, null]]);
}
