// What one chooses of the page itself, its language and its look; and what one does with all that was said.

import { openDialog } from "./dialog.js";
import { h } from "./elements.js";
import { choose, language, LANGUAGES } from "./language.js";
import { keeping } from "./keeping.js";
import { look, LOOKS, show } from "./look.js";
import { words } from "./words.js";

export function openSettings(page) {
  const dialog = openDialog(words.settings, [
    choice(words.language, "language", Object.entries(LANGUAGES), language, choose, (code) => ({ lang: code })),
    choice(words.look, "look", LOOKS.map((one) => [one, words.looks[one]]), look(), show),
    keeping(page, () => dialog.close()),
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, words.done)),
  ]);
}

/** One of several, each of them in sight. */
function choice(title, name, options, chosen, take, about = () => ({})) {
  return h("fieldset", { class: "choice" }, h("legend", {}, title),
    options.map(([value, label]) => h("label", about(value),
      h("input", { type: "radio", name, value, ".checked": value === chosen, onchange: () => take(value) }), label)));
}
