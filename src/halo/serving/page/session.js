/* What the page remembers: in this browser tab (sessionStorage), and in links, whose part after # no server ever sees. */

import { SETTINGS } from "./settings.js";

const KEY = "halo.page";

/** Keeps the state of the page in this tab, without the figures of words if they are too many; returns if there was room. */
export function keepState(state) {
  for (const kept of [state, { ...state, words: [] }]) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
      return true;
    } catch {
      continue;
    }
  }
  return false;
}

/** Returns the state that was kept in this tab, or null. */
export function keptState() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** Returns the address of this page with a state in its fragment. */
export function linkTo(state) {
  const parameters = new URLSearchParams({ view: state.view, model: state.model });
  if (state.second !== null) parameters.set("second", state.second);
  for (const { name } of SETTINGS) parameters.set(name, state.settings[name]);
  parameters.set("seed", state.seed);
  parameters.set("text", state.view === "read" ? state.readText : state.text);
  return `${location.origin}${location.pathname}#${parameters}`;
}

/** Returns the state that the fragment of a link describes, or null if it describes none. */
export function stateOfLink(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  if (!parameters.has("text") && !parameters.has("seed") && !parameters.has("model")) return null;
  const view = ["write", "read", "card"].includes(parameters.get("view")) ? parameters.get("view") : "write";
  const given = SETTINGS.filter(({ name }) => parameters.has(name));
  const text = parameters.get("text") ?? "";
  return {
    view,
    model: parameters.get("model"),
    second: parameters.get("second"),
    settings: Object.fromEntries(given.map(({ name }) => [name, parameters.get(name)])),
    seed: parameters.get("seed"),
    keepSeed: parameters.has("seed"),
    text: view === "read" ? null : text,
    readText: view === "read" ? text : null,
    words: [],
  };
}
