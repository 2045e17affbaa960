// By day or by night: as the system has it, or as it was chosen here.

const KEPT = "playground.look"; // key in the browser's own storage

export const LOOKS = ["system", "light", "dark"];

export const look = () => document.documentElement.dataset.look ?? "system";

export function show(look) {
  if (look === "system") {
    delete document.documentElement.dataset.look;
    localStorage.removeItem(KEPT);
  } else {
    document.documentElement.dataset.look = look;
    localStorage.setItem(KEPT, look);
  }
}

const kept = localStorage.getItem(KEPT);
if (LOOKS.includes(kept)) show(kept);
