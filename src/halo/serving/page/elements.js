/* Elements of the page, made without HTML strings: words of a model or of a user only ever become text nodes. */

/** Returns the element with an id of index.html. */
export const byId = (id) => document.getElementById(id);

/**
 * Returns a new element.
 *
 * @param {string} tag - Its name.
 * @param {Object} attributes - `class: "bar"`, `hidden: true`, and listeners such as `onclick: function`. Attributes that
 *   are false, null or undefined are left out.
 * @param {...(Node|string|number|null)} children - Strings become text nodes.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined).map((child) =>
    child instanceof Node ? child : String(child)));
  return made;
}

/** Returns a button that calls a function. */
export const button = (label, onclick, attributes = {}) => element("button", { type: "button", onclick, ...attributes }, label);

/** Returns a bar whose length is a share from 0 to 1 of the room. */
export function bar(share, kind = "") {
  const filled = element("span", { class: `bar ${kind}` });
  filled.style.inlineSize = share > 0 ? `max(1px, ${100 * Math.min(1, share)}%)` : "0";
  return element("span", { class: "bar-room", "aria-hidden": "true" }, filled);
}
