// The fields of a persona. Each writes into the draft as one types.

import { h, iconButton } from "./elements.js";
import { words } from "./words.js";

const KIND = { i: "png", "/": "jpeg", R: "gif", U: "webp" }; // by how its base64 begins
const PICTURES = ".png,.jpg,.jpeg,.webp,.gif";
const MORE = ["personality", "scenario", "mes_example", "post_history_instructions", "nickname", "names", "tags", "model", "parameters"];
const LINES = { system_prompt: 8, description: 5, mes_example: 5, personality: 2, scenario: 2, post_history_instructions: 3, creator_notes: 2, parameters: 2 };

export class PersonaForm {
  element = h("div", { class: "persona-form" });

  constructor(workshop) {
    this.workshop = workshop;
  }

  get #fields() {
    return this.workshop.draft.fields;
  }

  show() {
    const open = new Set([...this.element.querySelectorAll("details[open]")].map((one) => one.dataset.part));
    const { lore } = this.workshop.draft;
    const used = MORE.filter((key) => this.#fields[key].length).length;
    this.element.replaceChildren(
      h("div", { class: "who-it-is" }, this.#picture(), h("div", {}, this.#field("name"), this.#field("creator_notes"))),
      this.#field("system_prompt"),
      this.#field("description"),
      this.#greetings(),
      folded("more", words.moreFields(used), open, MORE.map((key) => this.#field(key))),
      folded("lore", words.lore(lore.length), open, h("p", { class: "hint" }, words.loreHint), lore.map((entry, index) => this.#entry(entry, index)),
        h("button", { type: "button", class: "button secondary", onclick: () => {
          lore.push({ at: null, name: "", keys: "", content: "", constant: false, enabled: true });
          this.#again(() => [...this.element.querySelectorAll(".entry")].at(-1)?.querySelector("input")?.focus());
        } }, words.addLore)));
  }

  focusName() {
    const input = this.element.querySelector("input[type=text]");
    input?.focus();
    input?.select();
  }

  /** Shows all fields anew, after there is one more or one less. */
  #again(then) {
    this.workshop.changed();
    this.show();
    then?.();
  }

  #field(key) {
    return field(words.field[key], this.#input(this.#fields, key, LINES[key]), words.fieldHint[key]);
  }

  #input(object, key, lines = 0) {
    const input = lines ? h("textarea", { rows: lines, ".value": object[key] }) : h("input", { type: "text", ".value": object[key], autocomplete: "off" });
    input.addEventListener("input", () => {
      object[key] = input.value;
      this.workshop.changed();
    });
    return input;
  }

  #picture() {
    const { picture } = this.workshop.draft;
    const file = h("input", { type: "file", hidden: true, accept: PICTURES, onchange: () => file.files[0] && this.workshop.changePicture(file.files[0]) });
    return h("div", {}, h("button", { type: "button", class: "face", title: words.changePicture, "aria-label": words.changePicture, onclick: () => file.click() },
      picture ? h("img", { src: `data:image/${KIND[picture[0]] ?? "png"};base64,${picture}`, alt: "" }) : h("span", { "aria-hidden": "true" }, [...this.#fields.name][0]?.toUpperCase() ?? "?")), file);
  }

  #greetings() {
    const { greetings } = this.#fields;
    const one = (index) => h("div", { class: "of-several" },
      field(greetings.length > 1 ? words.greetingNumber(index + 1) : words.field.greetings, this.#input(greetings, index, 2), index ? null : words.fieldHint.greetings),
      greetings.length > 1 && iconButton("remove", words.removeGreeting(index + 1), () => {
        greetings.splice(index, 1);
        this.#again();
      }));
    return h("div", {}, greetings.map((_, index) => one(index)), h("button", { type: "button", class: "link", onclick: () => {
      greetings.push("");
      this.#again(() => [...this.element.querySelectorAll(".of-several textarea")].at(-1)?.focus());
    } }, words.addGreeting));
  }

  #entry(entry, index) {
    const check = (key, label) => h("label", {}, h("input", { type: "checkbox", ".checked": entry[key], onchange: (event) => {
      entry[key] = event.target.checked;
      this.workshop.changed();
    } }), label);
    return h("fieldset", { class: "entry" }, h("legend", { class: "hidden" }, words.loreEntry(index + 1)),
      h("div", { class: "of-several" }, field(words.loreName, this.#input(entry, "name")), iconButton("remove", words.removeLore(index + 1), () => {
        this.workshop.draft.lore.splice(index, 1);
        this.#again();
      })),
      field(words.loreKeys, this.#input(entry, "keys", entry.keys.includes("\n") ? 2 : 0), words.loreKeysHint),
      field(words.loreText, this.#input(entry, "content", 3)),
      h("div", { class: "choice" }, check("constant", words.loreConstant), check("enabled", words.loreEnabled)));
  }
}

export function field(label, input, hint = null) {
  return h("label", { class: "field" }, h("span", {}, label), input, hint ? h("small", {}, hint) : null);
}

export function folded(part, title, open, ...content) {
  return h("details", { "data-part": part, ".open": open.has(part) }, h("summary", {}, title), content);
}
