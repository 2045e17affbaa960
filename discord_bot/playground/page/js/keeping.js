// The conversation as a file: saved, loaded, and begun anew.

import { h } from "./elements.js";
import { words } from "./words.js";

/** What can be done with all that was said, for the settings. `done` is called where something else is shown now. */
export function keeping(page, done) {
  const input = h("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: async () => {
    const [file] = input.files;
    input.value = "";
    if (file) await load(page, file);
    done();
  } });
  const button = (label, onclick) => h("button", { type: "button", class: "button secondary", onclick }, label);
  return h("fieldset", { class: "choice" }, h("legend", {}, words.conversation),
    h("a", { class: "button secondary", href: "/playground/saved.json", download: `playground-${new Date().toISOString().slice(0, 10)}.json` }, words.save),
    button(words.load, () => input.click()), input,
    button(words.startAfresh, () => {
      page.do("start_afresh");
      done();
    }));
}

async function load(page, file) {
  await page.do("load", { document: await file.text() });
}

/** Says for a while that the conversation is another one, and takes it back. */
export function offerUndo(page, place) {
  const close = () => place.replaceChildren();
  place.replaceChildren(h("p", { class: "banner" }, h("span", {}, words.another),
    h("button", { type: "button", class: "link", onclick: () => {
      close();
      page.do("undo");
      page.focusComposer();
    } }, words.undo),
    h("button", { type: "button", class: "link", onclick: close }, words.dismiss)));
}
