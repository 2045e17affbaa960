// The conversation as a file: saved, loaded, and begun anew.

import { h } from "./elements.js";
import { words } from "./words.js";

/** What can be done with all that was said, for the settings. `done` is called where something else is shown now. */
export function keeping(page, done) {
  const input = h("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: async () => {
    const [file] = input.files;
    input.value = "";
    done();
    if (file) another(page, "load", { document: await file.text() });
  } });
  const button = (label, onclick) => h("button", { type: "button", class: "button secondary", onclick }, label);
  return h("fieldset", { class: "choice" }, h("legend", {}, words.conversation),
    h("a", { class: "button secondary", href: "/playground/saved.json", download: `playground-${new Date().toISOString().slice(0, 10)}.json` }, words.save),
    button(words.load, () => input.click()), input,
    button(words.playAgain, () => {
      another(page, "play_again");
      done();
    }),
    button(words.startAfresh, () => {
      another(page, "start_afresh");
      done();
    }),
    h("p", { class: "hint" }, words.savedToo), h("p", { class: "hint" }, words.playAgainHint));
}

/** Lets the conversation be another one: the bot has to come to an end with what it does, and begins anew. */
async function another(page, action, details) {
  page.uncover();
  const notice = h("p", { class: "notice-line" }, words.beginsAnew);
  document.getElementById("undo").replaceChildren(notice);
  await page.do(action, details);
  notice.remove();
}

/** Says for a while that the conversation is another one, and takes it back. */
export function offerUndo(page, place) {
  const close = () => place.replaceChildren();
  place.replaceChildren(h("p", { class: "notice-line" }, h("span", {}, words.another), h("span", { class: "notice-buttons" },
    h("button", { type: "button", class: "link", onclick: () => {
      another(page, "undo");
      page.focusComposer();
    } }, words.undo),
    h("button", { type: "button", class: "link", onclick: close }, words.dismiss))));
}
