// Which model the bot asks: one that runs on this machine, or any that somebody names. The key leaves this page once.

import { openDialog } from "./dialog.js";
import { h } from "./elements.js";
import { outcome } from "./guide.js";
import { words } from "./words.js";

export function openModels(page) {
  const found = h("div", { class: "found", role: "status" });
  const address = h("input", { type: "url", required: true, placeholder: "https://api.openai.com/v1", autocomplete: "off" });
  const key = h("input", { type: "password", autocomplete: "off" });
  const offered = h("datalist", { id: "models-offered" });
  const model = h("input", { type: "text", required: true, list: "models-offered", autocomplete: "off" });
  const said = h("div", { role: "status" });
  const now = h("p", {});
  const asked = () => ({ base_url: address.value, key: key.value, model: model.value });

  async function look() {
    found.replaceChildren(h("p", { class: "hint" }, words.lookingForModels));
    const servers = await ask(page, found, "find_models");
    if (!servers) return;
    found.replaceChildren(...servers.map((server) => h("div", {}, h("h4", {}, server.name), h("ul", {}, server.models.map((name) =>
      h("li", {}, h("button", { type: "button", class: "button secondary", onclick: () => choose(server.base_url, name) }, name)))))),
    servers.length ? "" : h("p", { class: "hint" }, words.noModelsHere),
    h("button", { type: "button", class: "link", onclick: look }, words.lookAgain));
  }

  function choose(url, name) {
    [address.value, key.value, model.value] = [url, "", name];
    connect();
  }

  async function list() {
    if (!address.reportValidity()) return;
    const listed = await ask(page, said, "list_models", asked());
    if (!listed) return;
    if (listed.sentence) return said.replaceChildren(outcome({ mark: "wrong", ...listed }));
    offered.replaceChildren(...listed.models.map((name) => h("option", { value: name })));
    said.replaceChildren(h("p", { class: "hint" }, words.hasModels(listed.models.length)));
    model.focus();
  }

  async function connect() {
    said.replaceChildren(h("p", { class: "hint" }, words.trying));
    const row = await ask(page, said, "connect", asked());
    if (row) said.replaceChildren(outcome(row));
    if (row?.mark === "ok") key.value = "";
    tell();
  }

  function tell() {
    const { name, first } = page.state.model;
    now.replaceChildren(words.modelAnswers(name), first ? "" : " ", first ? "" : h("button", { type: "button", class: "link", onclick: async () => {
      await ask(page, said, "disconnect");
      tell();
      address.focus();
    } }, words.modelFirst));
  }

  tell();
  const dialog = openDialog(words.connectModel, [
    now,
    h("h3", {}, words.onThisMachine), found,
    h("h3", {}, words.anyServer),
    h("form", { onsubmit: (event) => {
      event.preventDefault();
      connect();
    } },
    field(words.baseUrl, address), field(words.key, key, words.keyHint), field(words.modelName, model), offered, said,
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, words.close),
      h("button", { type: "button", class: "button secondary", onclick: list }, words.listModels),
      h("button", { type: "submit", class: "button primary" }, words.tryAndUse))),
  ], "wider");
  look();
}

/** Does something; a sentence about what went wrong stands in `place`, and undefined comes back. */
async function ask(page, place, action, details) {
  try {
    return await page.connection.do(action, details);
  } catch (error) {
    place.replaceChildren(h("p", { class: "problem" }, error.message));
    return undefined;
  }
}

function field(label, input, hint = null) {
  return h("label", { class: "field" }, h("span", {}, label), input, hint ? h("small", {}, hint) : null);
}
