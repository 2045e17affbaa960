// A dialog lies over everything else until it is closed. Then it leaves the page: the next one is made anew.

import { h } from "./elements.js";
import { words } from "./words.js";

/** Opens a dialog that is called by its heading, and returns it. */
export function openDialog(title, content, look = "") {
  const dialog = h("dialog", { class: `dialog ${look}`, "aria-label": title, onclose: () => leave(dialog) }, h("h2", {}, title), content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** The browser gives the focus back to what had it before; where that is not there any more, one goes on writing.
 *  The selection goes with a field of the dialog in which it was, and a box that has the focus alone takes no letters. */
function leave(dialog) {
  dialog.remove();
  const focused = document.activeElement;
  focused.blur();
  (focused === document.body ? document.getElementById("composer") : focused).focus();
}

/** A small question, with a field where something has to be named. */
export function ask(title, yes, onyes, { field = null, danger = false } = {}) {
  const dialog = openDialog(title, h("form", { onsubmit: (event) => {
    event.preventDefault();
    dialog.close();
    onyes();
  } }, field, h("div", { class: "dialog-buttons" },
    h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, words.cancel),
    h("button", { type: "submit", class: `button ${danger ? "danger" : "primary"}` }, yes))));
}
