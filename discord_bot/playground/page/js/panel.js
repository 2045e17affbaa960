// A part of the page that a button in the line above opens and closes; Escape closes it, too.

export class Panel {
  /** `button` selects the button, which has the focus again once the panel is closed. */
  constructor(page, panel, button) {
    this.page = page;
    this.panel = panel;
    this.button = button;
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  reveal() {
    this.panel.hidden = false;
    this.page.showTop();
  }

  close() {
    this.panel.hidden = true;
    this.page.showTop();
    document.querySelector(this.button)?.focus();
  }
}
