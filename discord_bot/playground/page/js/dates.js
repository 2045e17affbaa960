// Moments in the reader's own language and time zone.

import { locale } from "./language.js";
import { words } from "./words.js";

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
const shortDay = new Intl.DateTimeFormat(locale, { dateStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export const clockOf = (iso) => clock.format(new Date(iso));
export const dayOf = (iso) => day.format(new Date(iso));

/** When a message was written, as its first line says it. */
export function momentOf(iso) {
  const then = new Date(iso);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return words.today(clock.format(then));
  if (days === 1) return words.yesterday(clock.format(then));
  return `${shortDay.format(then)} ${clock.format(then)}`;
}

/** Puts the moments that a message's text names (`<t:…>`) into the reader's words. */
export function tellTimes(root) {
  for (const element of root.querySelectorAll("time[data-style]")) {
    const moment = new Date(element.dateTime);
    const { style } = element.dataset;
    element.textContent = style === "R" ? ago(moment) : new Intl.DateTimeFormat(locale, STYLES[style]).format(moment);
    element.title = new Intl.DateTimeFormat(locale, STYLES.F).format(moment);
  }
}

function ago(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return relative.format(Math.round(seconds / length), unit);
}
