// What hangs on a message below its text: files and embeds.

import { momentOf } from "./dates.js";
import { h, icon, rendered } from "./elements.js";
import { words } from "./words.js";

const TEXT = /^(text\/|application\/(json|xml|javascript|yaml))/;
const LARGEST_TEXT = 256 * 1024; // bytes of a text that is shown
const LINES_SHOWN = 6; // as many as conversation.css leaves room for

/** A file that hangs on a message: a picture is shown, of a text its beginning, anything else is offered. */
export function attachment(file, message, page) {
  const url = localAddress(file.url);
  if (url.startsWith("/") && file.content_type?.startsWith("image/")) {
    return h("a", { class: "picture", href: url, target: "_blank", rel: "noopener" },
      h("img", { src: url, alt: file.description || words.image(file.filename), loading: "lazy", width: file.width, height: file.height }));
  }
  const link = h("a", { class: "file", href: url, download: file.filename, target: "_blank", rel: "noopener" },
    icon("file"), h("span", {}, file.filename), h("small", {}, sizeOf(file.size)));
  return TEXT.test(file.content_type ?? "") && file.size <= LARGEST_TEXT ? textFile(file, link, message, page) : link;
}

/** A text in a box: its first lines, and all of it on demand; as soon as the playground has told it. */
function textFile(file, link, message, page) {
  const code = h("code");
  const more = h("button", { type: "button", class: "link", "aria-expanded": "false", hidden: true, onclick: () => {
    const open = box.classList.toggle("open");
    more.setAttribute("aria-expanded", String(open));
    more.textContent = open ? words.showLess : words.showAll;
  } }, words.showAll);
  const pre = h("pre", { hidden: true }, code);
  const box = h("div", { class: "text-file" }, pre, h("div", { class: "text-file-line" }, link, more));
  page.quietly("preview", { message: message.id, file: file.id }).then((preview) => {
    if (!preview) return;
    code.append(rendered(preview.html));
    pre.hidden = false;
    more.hidden = preview.lines <= LINES_SHOWN;
  });
  return box;
}

/** The simulator names its files by 127.0.0.1; a page opened as localhost asks its own host for them. */
function localAddress(address) {
  const url = new URL(address, location.href);
  return url.port === location.port && url.protocol === location.protocol ? url.pathname + url.search : address;
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function embed(data) {
  const box = h("div", { class: "embed" },
    data.author?.name ? h("p", { class: "embed-author" }, data.author.icon_url ? embedPicture({ url: data.author.icon_url }, "icon") : null, webLink(data.author.url, data.author.name)) : null,
    data.thumbnail ? embedPicture(data.thumbnail, "thumbnail") : null,
    data.title ? h("p", { class: "embed-title" }, webLink(data.url, data.title)) : null,
    data.html ? h("div", { class: "content" }, rendered(data.html)) : null,
    data.fields?.length ? h("dl", {}, data.fields.map((field) =>
      h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, field.name), h("dd", { class: "content" }, rendered(field.html ?? ""))))) : null,
    data.image ? embedPicture(data.image, "image") : null,
    embedFooter(data));
  if (data.color) box.style.setProperty("--stripe", `#${data.color.toString(16).padStart(6, "0")}`);
  return box;
}

function embedFooter({ footer, timestamp }) {
  if (!footer?.text && !timestamp) return null;
  return h("p", { class: "embed-footer" }, footer?.icon_url ? embedPicture({ url: footer.icon_url }, "icon") : null,
    [footer?.text, timestamp ? momentOf(timestamp) : null].filter(Boolean).join(" · "));
}

/** A picture of an embed: one that lies here, because nothing is fetched from elsewhere. */
function embedPicture(picture, kind) {
  const url = localAddress(picture.url);
  return url.startsWith("/") ? h("img", { class: `embed-${kind}`, src: url, alt: "", loading: "lazy" }) : null;
}

function webLink(url, text) {
  return /^https?:\/\//.test(url ?? "") ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}
