// Where a persona goes when it is written: into a file, into a server's library, into config.yaml.

import { openDialog } from "./dialog.js";
import { h } from "./elements.js";
import { words } from "./words.js";

const KINDS = { png: "image/png", json: "application/json", charx: "application/zip" };

export function saving(workshop) {
  const button = (label, onclick, kind = "secondary") => h("button", { type: "button", class: `button ${kind}`, onclick }, label);
  const { guild } = workshop;
  return h("footer", { class: "saving" },
    guild && button(words.saveTo(guild.name), () => save(workshop, false), "primary"),
    button("config.yaml…", () => openSection(workshop)),
    h("span", { class: "as-card", role: "group", "aria-label": words.saveAsCard }, h("span", { "aria-hidden": "true" }, words.saveAsCard),
      Object.keys(KINDS).map((kind) => button(kind.toUpperCase(), () => download(workshop, kind)))));
}

async function save(workshop, replaces) {
  const { guild } = workshop;
  const outcome = await workshop.do("save_persona", { draft: workshop.draft, guild: guild.id, replaces });
  if (!outcome) return;
  if (outcome.taken) {
    workshop.tell(h("p", {}, words.nameTaken(workshop.draft.fields.name, guild.name), " ",
      h("button", { type: "button", class: "button secondary", onclick: () => save(workshop, true) }, words.replaceIt)));
    return;
  }
  workshop.tell(h("p", {}, words.savedTo(outcome.saved, guild.name)));
  await workshop.refresh();
}

async function download(workshop, kind) {
  const file = await workshop.do("export_persona", { draft: workshop.draft, kind });
  if (!file) return;
  const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
  offer(new Blob([bytes], { type: KINDS[kind] }), file.name);
  workshop.tell(h("p", {}, words.downloaded(file.name)), file.note && h("p", { class: "hint" }, file.note));
}

/** Lets the browser save a file. */
export function offer(blob, name) {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** The persona as config.yaml has it: to copy, or to be written there. */
async function openSection(workshop) {
  const section = await workshop.do("persona_section", { draft: workshop.draft });
  if (!section) return;
  const said = h("p", { role: "status" });
  const tell = (text, problem = false) => {
    said.textContent = text;
    said.className = problem ? "problem" : "";
  };
  const dialog = openDialog(words.inConfig(workshop.draft.fields.name), [
    h("p", {}, words.belowPersonas),
    h("pre", { tabindex: "0" }, section.text),
    section.without.length ? h("p", { class: "hint" }, words.notInConfig(section.without.map((key) => words.field[key] ?? key))) : null,
    section.path ? h("p", { class: "hint" }, section.path) : h("p", { class: "hint" }, words.noConfigHere),
    said,
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, words.close),
      h("button", { type: "button", class: "button secondary", onclick: async () => {
        await navigator.clipboard.writeText(section.text);
        tell(words.copied);
      } }, words.copyText),
      section.path && h("button", { type: "button", class: "button primary", onclick: async () => {
        try {
          tell(words.writtenTo((await workshop.page.connection.do("write_persona", { draft: workshop.draft })).path));
        } catch (error) {
          tell(error.message, true);
        }
      } }, words.writeInto(section.path.split(/[\\/]/).at(-1)))),
  ], "wider");
}
