// In which language the page speaks: the one that was chosen here, else the first of the browser's that it has.

const KEPT = "playground.language"; // key in the browser's own storage

export const LANGUAGES = { en: "English", zh: "简体中文" };

const ofBrowser = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]).find((code) => code in LANGUAGES);
const chosen = localStorage.getItem(KEPT);

export const language = chosen in LANGUAGES ? chosen : ofBrowser ?? "en";

/** For dates and numbers: the browser's own kind of the language, such as British English, where it has one. */
export const locale = navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language)
  ?? { en: "en-GB", zh: "zh-CN" }[language];

document.documentElement.lang = { en: "en", zh: "zh-CN" }[language];

/** Speaks another language from now on. The page begins anew with it; where one is and what one writes stays. */
export function choose(code) {
  localStorage.setItem(KEPT, code);
  location.reload();
}
