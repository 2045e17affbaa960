// A small menu that opens over a button: one goes through it with the arrow keys, and out of it with Escape.

import { h } from "./elements.js";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Opens a menu beside a button, or closes the one that is open there. Its entries: what is shown, and what is done.
 *  An entry with nothing to do is only read. */
export function toggleMenu(button, look, label, entries) {
  const open = button.parentElement.querySelector(".menu");
  open?.remove();
  button.parentElement.querySelectorAll("[aria-expanded]").forEach((other) => other.removeAttribute("aria-expanded"));
  if (open?.dataset.of === label) return;
  const close = () => {
    button.focus(); // first: what a menu hangs on may be hidden without the focus inside, and then can't take it
    button.removeAttribute("aria-expanded");
    menu.remove();
  };
  const items = entries.map(([text, action]) => h("button", {
    type: "button", role: "menuitem", tabindex: "-1", "aria-disabled": action ? null : "true",
    onclick: () => {
      if (!action) return;
      close();
      action();
    },
  }, text));
  const menu = h("div", { class: `menu ${look}`, role: "menu", "aria-label": label, "data-of": label,
    onkeydown: (event) => {
      const step = STEPS[event.key];
      if (event.key === "Escape") close();
      else if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    } }, items);
  button.setAttribute("aria-expanded", "true");
  button.parentElement.append(menu);
  const top = button.closest(".scroller")?.getBoundingClientRect().top ?? 0;
  menu.classList.toggle("below", menu.getBoundingClientRect().top < top); // rather than out of sight
  items[0]?.focus();
}
