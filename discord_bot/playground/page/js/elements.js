// Everything that makes or changes elements without knowing what they mean.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, properties (`.value`), listeners (`onclick`) and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** HTML that the server rendered, as nodes. It is the server's duty that no tag in it comes from a message's text. */
export function rendered(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Makes the children of `now` equal to those of `next`, leaving alone what is equal already.
 *  So a message that streams keeps its selection, its opened spoilers and its place. */
export function morph(now, next) {
  let mine = now.firstChild;
  for (let theirs = next.firstChild; theirs; ) {
    const following = theirs.nextSibling;
    if (!mine) now.append(theirs);
    else {
      const after = mine.nextSibling;
      if (!mine.isEqualNode(theirs)) adapt(mine, theirs);
      mine = after;
    }
    theirs = following;
  }
  while (mine) {
    const after = mine.nextSibling;
    mine.remove();
    mine = after;
  }
}

function adapt(mine, theirs) {
  if (mine.nodeType === Node.TEXT_NODE && theirs.nodeType === Node.TEXT_NODE) mine.data = theirs.data;
  else if (mine.nodeName === theirs.nodeName && sameAttributes(mine, theirs)) morph(mine, theirs);
  else mine.replaceWith(theirs);
}

function sameAttributes(mine, theirs) {
  return mine.attributes?.length === theirs.attributes?.length
    && [...(mine.attributes ?? [])].every(({ name, value }) => theirs.getAttribute(name) === value);
}

const ICONS = {
  reply: "M10 8V4L3 11l7 7v-4.1c5 0 8.5 1.6 11 5.1-1-5-4-10-11-11z",
  edit: "M4 16.5V20h3.5L18 9.5 14.5 6 4 16.5zM20.4 7.1a1 1 0 0 0 0-1.4l-2.1-2.1a1 1 0 0 0-1.4 0L15.3 5.2l3.5 3.5 1.6-1.6z",
  remove: "M6 19a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2V8H6v11zM15.5 4l-1-1h-5l-1 1H5v2h14V4h-3.5z",
  react: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 16a7 7 0 1 1 0-14 7 7 0 0 1 0 14zm-2.8-8a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4zm5.6 0a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4zM12 16.6c1.9 0 3.5-1.1 4.2-2.8H7.8c.7 1.7 2.3 2.8 4.2 2.8z",
  thread: "M4 4h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm3 4v1.8h10V8H7zm0 3.2V13h6.5v-1.8H7z",
  apps: "M4 4h7v7H4zm9.5 0h7v7h-7zM4 13.5h7v7H4zm13-1 4.5 4.5-4.5 4.5-4.5-4.5z",
  attach: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  send: "M3.4 20.4 21 12 3.4 3.6v6.5L15 12 3.4 13.9z",
  close: "m18.3 7.1-1.4-1.4-4.9 4.9-4.9-4.9-1.4 1.4 4.9 4.9-4.9 4.9 1.4 1.4 4.9-4.9 4.9 4.9 1.4-1.4-4.9-4.9z",
  menu: "M4 6.5h16v2H4zm0 4.5h16v2H4zm0 4.5h16v2H4z",
  members: "M9 11.5A3.5 3.5 0 1 0 9 4.5a3.5 3.5 0 0 0 0 7zm0 2c-3.3 0-6.5 1.6-6.5 4V20h13v-2.5c0-2.4-3.2-4-6.5-4zm7-2.3a3 3 0 1 0-1.5-5.6 5.5 5.5 0 0 1 0 5.2c.5.3 1 .4 1.5.4zm.9 2.4c1.4 1 2.1 2.3 2.1 3.9V20h3.5v-2.3c0-2.2-2.7-3.7-5.6-4.1z",
  copy: "M8 3h11a1 1 0 0 1 1 1v13h-2V5H8V3zM5 7h9a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1z",
  file: "M6 2h8l5 5v14a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zm7 1.5V8h4.5z",
  down: "M12 16.5 5 9.5l1.4-1.4 5.6 5.6 5.6-5.6L19 9.5z",
  direct: "M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9l-5 4V5a1 1 0 0 1 1-1z",
  inspect: "M10.5 3a7.5 7.5 0 1 0 4.6 13.4l4.3 4.3 1.4-1.4-4.3-4.3A7.5 7.5 0 0 0 10.5 3zm0 2a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  model: "M9 2h2v3h2V2h2v3h1.5A2.5 2.5 0 0 1 19 7.500V9h3v2h-3v2h3v2h-3v1.500A2.5 2.5 0 0 1 16.500 19H15v3h-2v-3h-2v3H9v-3H7.500A2.5 2.5 0 0 1 5 16.500V15H2v-2h3v-2H2V9h3V7.500A2.5 2.5 0 0 1 7.500 5H9zm-1 6v8h8V8z",
  leave: "M14 3h7v7h-2V6.400l-8.300 8.300-1.400-1.400L17.600 5H14zM5 5h6v2H5v12h12v-6h2v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z",
  trouble: "M13 2 4.5 13.5H11L9.5 22 19 10h-6.5z",
  settings: "M19.4 13a7.6 7.6 0 0 0 0-2l2-1.6-2-3.4-2.4 1a7.4 7.4 0 0 0-1.7-1L15 3.5h-4L10.6 6a7.4 7.4 0 0 0-1.7 1l-2.4-1-2 3.4 2 1.6a7.6 7.6 0 0 0 0 2l-2 1.6 2 3.4 2.4-1a7.4 7.4 0 0 0 1.7 1l.4 2.5h4l.4-2.5a7.4 7.4 0 0 0 1.7-1l2.4 1 2-3.4zM13 15.2a3.2 3.2 0 1 1 0-6.4 3.2 3.2 0 0 1 0 6.4z",
  workshop: "M14.6 3.200a4.800 4.800 0 0 0-1.300 5L3 18.500 5.500 21l10.300-10.300a4.800 4.800 0 0 0 5-1.300 4.800 4.800 0 0 0 1-4.700l-2.900 2.900-2.500-.700-.700-2.500 2.900-2.900a4.800 4.800 0 0 0-4 1.700z",
  crown: "M3 18h18v2H3zM3 8l4.5 3.5L12 5l4.5 6.5L21 8l-1.5 8.5h-15z",
};

/** An icon of our own, drawn in the text's colour and silent for screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with nothing but an icon; its name is said by screen readers and shown as a tooltip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

const AVATAR_COLOURS = 8n;

/** A user's picture, or a generated one: the first letter of the name on a colour that belongs to the user's id. */
export function avatar(user, name, size = "") {
  if (!user.avatar) return drawn(user, name, size);
  const picture = h("img", { class: `avatar ${size}`, src: `/avatars/${user.id}/${user.avatar}.png`, alt: "" });
  picture.addEventListener("error", () => picture.replaceWith(drawn(user, name, size)), { once: true });
  return picture;
}

function drawn(user, name, size) {
  const colour = BigInt(user.id) % AVATAR_COLOURS;
  const letter = [...(name || "?")][0].toUpperCase();
  return h("span", { class: `avatar colour-${user.bot ? "bot" : colour} ${size}`, "aria-hidden": "true" }, user.bot ? botFace() : letter);
}

function botFace() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M13 5.7a1.5 1.5 0 1 0-2 0V7H8a3 3 0 0 0-3 3v5a3 3 0 0 0 3 3h8a3 3 0 0 0 3-3v-5a3 3 0 0 0-3-3h-3zM9.5 14a1.5 1.5 0 1 1 0-3 1.5 1.5 0 0 1 0 3zm5 0a1.5 1.5 0 1 1 0-3 1.5 1.5 0 0 1 0 3z");
  svg.append(path);
  return svg;
}
