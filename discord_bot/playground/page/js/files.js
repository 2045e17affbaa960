// The files that go along with the next message: chosen, pasted, dropped on the conversation, and taken back.

import { h, icon, iconButton } from "./elements.js";
import { sizeOf } from "./extras.js";
import { words } from "./words.js";

const LARGEST = 10 * 1024 * 1024; // bytes: what Discord takes without a paid account

export class Files {
  all = [];

  constructor(composer, area) {
    this.composer = composer;
    this.list = h("ul", { class: "composer-files" });
    this.input = h("input", { type: "file", multiple: true, hidden: true, onchange: () => {
      this.#add([...this.input.files]);
      this.input.value = "";
    } });
    this.#takeDrops(area);
  }

  choose() {
    this.input.click();
  }

  paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.#add(files);
  }

  /** These are the files now. */
  show(files) {
    this.all = files;
    this.list.replaceChildren(...files.map((file) => h("li", {}, icon("file"), h("span", {}, file.name), h("small", {}, sizeOf(file.size)),
      iconButton("close", words.detach(file.name), () => {
        this.show(this.all.filter((other) => other !== file));
        this.composer.focus();
      }))));
  }

  #add(files) {
    const tooLarge = files.filter(({ size }) => size > LARGEST);
    for (const { name } of tooLarge) this.composer.say(words.tooLarge(name));
    this.show([...this.all, ...files.filter((file) => !tooLarge.includes(file))]);
    this.composer.filesAdded();
  }

  #takeDrops(area) {
    const veil = h("div", { class: "drop-veil", hidden: true }, h("p", {}, words.drop));
    area.append(veil);
    area.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      veil.hidden = this.composer.box.readOnly;
    });
    area.addEventListener("dragleave", (event) => {
      if (!area.contains(event.relatedTarget)) veil.hidden = true;
    });
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      veil.hidden = true;
      if (!this.composer.box.readOnly) this.#add([...event.dataTransfer.files]);
    });
  }
}

/** Files as the playground takes them. */
export function encoded(files) {
  return Promise.all(files.map(async (file) => ({ name: file.name, base64: await base64(file) })));
}

/** A file's bytes as base64. */
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
