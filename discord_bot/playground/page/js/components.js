// What a bot puts under or into a message to be pressed, chosen or filled in.
// https://docs.discord.com/developers/components/reference

import { openDialog } from "./dialog.js";
import { h, rendered } from "./elements.js";
import { words } from "./words.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link-button", 6: "primary" };

/** The elements for a message's components; pressing and choosing go to `page.do`. */
export function components(message, page) {
  const about = (component) => ({ message: message.id, custom_id: component.custom_id });
  return (message.components ?? []).map((component) => make(component, {
    press: (one) => page.do("press", about(one)),
    select: (one, values) => page.do("select", { ...about(one), values }),
    page,
  }));
}

function make(component, doing) {
  const children = () => (component.components ?? []).map((child) => make(child, doing));
  switch (component.type) {
    case 1: return h("div", { class: "component-row" }, children());
    case 2: return button(component, doing);
    case 3: case 5: case 6: case 7: case 8: return select(component, doing);
    case 9: return h("div", { class: "component-section" }, h("div", {}, children()), component.accessory ? make(component.accessory, doing) : null);
    case 10: return h("div", { class: "content" }, rendered(component.html ?? ""));
    case 14: return h("hr", { class: component.divider === false ? "space" : "" });
    case 17: return container(component, children());
    default: return null; // pictures and files of the newer kind: nothing here sends them yet
  }
}

function container(component, children) {
  const box = h("div", { class: "embed" }, children);
  if (component.accent_color) box.style.setProperty("--stripe", `#${component.accent_color.toString(16).padStart(6, "0")}`);
  return box;
}

function button(component, doing) {
  const label = [component.emoji?.name, component.label].filter(Boolean).join(" ");
  if (component.style === 5) {
    return /^https?:\/\//.test(component.url)
      ? h("a", { class: "button link-button", href: component.url, target: "_blank", rel: "noopener noreferrer" }, label) : null;
  }
  return h("button", {
    type: "button", class: `button ${STYLES[component.style] ?? "secondary"}`, disabled: component.disabled,
    onclick: (event) => whileDisabled(event.currentTarget, () => doing.press(component)),
  }, label);
}

/** Nobody presses twice while the first press is being answered. */
async function whileDisabled(control, action) {
  if (control.hasAttribute("aria-disabled")) return;
  control.setAttribute("aria-disabled", "true");
  await action();
  control.removeAttribute("aria-disabled");
}

function select(component, doing) {
  const options = component.options ?? pickable(component.type, doing.page);
  const chosen = options.filter((option) => option.default).map((option) => option.value);
  const label = component.placeholder || words.choose;
  if ((component.max_values ?? 1) > 1) return selectSeveral(component, options, chosen, label, doing);
  const control = h("select", { class: "select", "aria-label": label, disabled: component.disabled,
    onchange: () => control.value && doing.select(component, [control.value]) },
    h("option", { value: "", disabled: (component.min_values ?? 1) > 0 }, label),
    options.map((option) => h("option", { value: option.value }, optionText(option))));
  control.value = chosen[0] ?? "";
  return control;
}

function selectSeveral(component, options, chosen, label, doing) {
  const box = h("details", { class: "select several" }, h("summary", {}, label),
    h("fieldset", {}, h("legend", { class: "hidden" }, label), options.map((option) =>
      h("label", {}, h("input", { type: "checkbox", value: option.value, ".checked": chosen.includes(option.value) }), optionText(option)))),
    h("button", { type: "button", class: "button primary", onclick: () => {
      box.open = false;
      doing.select(component, [...box.querySelectorAll("input:checked")].map((input) => input.value));
    } }, words.done));
  return box;
}

function optionText(option) {
  const text = [option.emoji?.name, option.label].filter(Boolean).join(" ");
  return option.description ? `${text}: ${option.description}` : text;
}

/** What the selects offer whose options Discord fills in: users, roles, both, channels. */
function pickable(type, page) {
  const guild = page.channel.guild;
  const users = (guild?.members ?? []).map(({ user }) => ({ value: user.id, label: page.state.nameOf(user, guild) }));
  const roles = (guild?.roles ?? []).filter((role) => role.id !== guild.id).map((role) => ({ value: role.id, label: `@${role.name}` }));
  const channels = (guild?.channels ?? []).map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  return { 5: users, 6: roles, 7: [...users, ...roles], 8: channels }[type];
}

/** Shows a modal; it closes when the bot has taken what was filled in. */
export function openModal(modal, page) {
  const fields = [];
  const problem = h("p", { class: "problem", role: "alert" });
  const form = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    try {
      const values = Object.fromEntries(fields.map(({ custom_id, value }) => [custom_id, value()]));
      await page.connection.do("submit", { interaction: modal.id, values });
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  } }, modal.components.map((component) => field(component, fields)), problem,
  h("div", { class: "dialog-buttons" },
    h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, words.cancel),
    h("button", { type: "submit", class: "button primary" }, words.submit)));
  const dialog = openDialog(modal.title, form);
}

function field(component, fields, around = {}) {
  if (component.type === 1) return component.components.map((child) => field(child, fields));
  if (component.type === 18) return field(component.component, fields, component);
  if (component.type === 10) return h("div", { class: "content" }, rendered(component.html ?? ""));
  const label = component.label ?? around.label ?? "";
  const about = { required: component.required !== false };
  let control;
  if (component.type === 4) {
    const limits = { ...about, minlength: component.min_length, maxlength: component.max_length, placeholder: component.placeholder };
    control = component.style === 2
      ? h("textarea", { rows: 5, ...limits, ".value": component.value ?? "" })
      : h("input", { type: "text", ...limits, ".value": component.value ?? "" });
    fields.push({ custom_id: component.custom_id, value: () => control.value });
  } else if (component.type === 3) {
    const several = (component.max_values ?? 1) > 1;
    control = h("select", { class: "select", multiple: several, ...about }, several ? null : h("option", { value: "" }, component.placeholder ?? words.choose),
      component.options.map((option) => h("option", { value: option.value, selected: option.default }, optionText(option))));
    fields.push({ custom_id: component.custom_id, value: () => [...control.selectedOptions].map((option) => option.value).filter(Boolean) });
  } else return null;
  return h("label", { class: "field" }, h("span", {}, label, about.required ? h("span", { class: "star", "aria-hidden": "true" }, " *") : null),
    around.description ? h("small", {}, around.description) : null, control);
}
