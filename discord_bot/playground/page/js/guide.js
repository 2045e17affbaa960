// The way from the playground to Discord: five steps, the last of them a look at whether all is well.

import { openDialog } from "./dialog.js";
import { h } from "./elements.js";
import { words } from "./words.js";

const ID = /^\d{17,20}$/;

export async function openGuide(page) {
  const known = await page.do("guide");
  if (!known) return;
  const [application, reading, token, invitation, check] = words.guide;
  const dialog = openDialog(words.toDiscord, [
    h("ol", {},
      step(application, away(known.portal, words.openPortal)),
      step(reading),
      step(token, h("pre", { tabindex: "0" }, "DISCORD_TOKEN=…\nOPENAI_API_KEY=…")),
      step(invitation, inviting(known)),
      step(check, checking(page), h("p", {}, words.thenRun), h("pre", { tabindex: "0" }, "discord-bot run"))),
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, words.done)),
  ], "wider guide");
}

/** One thing that was looked at, in a sentence, and what to do about it. */
export function outcome({ mark, subject, sentence, what_to_do: toDo }) {
  return h("p", { class: `outcome ${mark}` },
    h("span", { class: "hidden" }, `${words.mark[mark]}: `), subject ? h("strong", {}, subject, " ") : null,
    sentence, toDo ? h("small", {}, toDo) : null);
}

function step([title, text], ...more) {
  return h("li", {}, h("strong", {}, title), h("p", {}, text), more);
}

function away(href, label, attributes = {}) {
  return h("a", { class: "button secondary", href, target: "_blank", rel: "noreferrer", ...attributes }, label);
}

function inviting({ invite, permissions }) {
  const link = away(null, words.invite, { "aria-disabled": "true" });
  const hint = h("small", {}, words.noId);
  const id = h("input", { type: "text", inputmode: "numeric", autocomplete: "off", oninput: () => {
    const given = id.value.trim();
    const good = ID.test(given);
    hint.hidden = good;
    link.ariaDisabled = good ? null : "true";
    if (good) link.href = `${invite}?${new URLSearchParams({ client_id: given, scope: "bot applications.commands", permissions })}`;
    else link.removeAttribute("href");
  } });
  return [h("label", { class: "field" }, h("span", {}, words.applicationId), id, hint), link];
}

function checking(page) {
  const rows = h("div", { role: "status" });
  const button = h("button", { type: "button", class: "button secondary", onclick: async () => {
    button.disabled = true;
    rows.replaceChildren(h("p", { class: "hint" }, words.checking));
    const looked = await page.quietly("check");
    rows.replaceChildren(...(looked ?? []).map(outcome));
    button.disabled = false;
  } }, words.runCheck);
  return [button, rows];
}
