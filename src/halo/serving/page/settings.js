/* The sampling settings: a slider and a number for each, with the defaults and limits that the server states. */

import { byId, element } from "./elements.js";

/** What the settings mean. `min` to `max` is the range of the slider; the server may allow more in the number beside it. */
export const SETTINGS = [
  { name: "temperature", label: "Temperature", min: 0, max: 2, step: 0.05, value: 0.8,
    hint: "Below 1 bets on likely words, above 1 on unlikely ones too; 0 always takes the likeliest." },
  { name: "top_k", label: "Top-k", min: 0, max: 200, step: 1, value: 40, isWhole: true,
    hint: "Only the k likeliest words can come; 0: no limit." },
  { name: "top_p", label: "Top-p", min: 0.01, max: 1, step: 0.01, value: 0.95,
    hint: "Only the fewest words that together have this share of the probability; 1: no limit." },
  { name: "min_p", label: "Min-p", min: 0, max: 1, step: 0.01, value: 0,
    hint: "Only words at least this share as likely as the likeliest one; 0: no limit." },
  { name: "typical_p", label: "Typical", min: 0.01, max: 1, step: 0.01, value: 1,
    hint: "Only words about as surprising as the model expects on average, up to this share; 1: no limit." },
  { name: "repetition_penalty", label: "Repetition penalty", min: 1, max: 2, step: 0.05, value: 1,
    hint: "Above 1, words that are already in the text become less likely." },
  { name: "num_words", label: "Words at a time", min: 1, max: 200, step: 1, value: 40, isWhole: true,
    hint: "How many words and punctuation marks are written before it stops." },
];

/** The sliders of the page; `values` holds the present settings. */
export class Settings {
  /**
   * @param {HTMLElement} container - Where the sliders go.
   * @param {{sampling: Object, limits: Object}} stated - Defaults and limits, as /api/models states them.
   * @param {function()} onchange - Called after each change.
   */
  constructor(container, stated, onchange) {
    this._onchange = onchange;
    this._fields = new Map();
    this._settings = SETTINGS.map((setting) => withServerDefaults(setting, stated));
    this.values = Object.fromEntries(this._settings.map(({ name, value }) => [name, value]));
    container.replaceChildren(...this._settings.map((setting) => this._row(setting)));
    byId("defaults").onclick = () => this.reset();
  }

  /** Sets all settings to their defaults. */
  reset() {
    this.restore({});
    this._onchange();
  }

  /** Takes over settings from outside; returns the names of those that are not usable, for which the default is taken. */
  restore(values) {
    const refused = [];
    for (const setting of this._settings) {
      const value = setting.name in values ? Number(values[setting.name]) : setting.value;
      const isGiven = setting.name in values && values[setting.name] !== "";
      const isUsable = isAllowed(setting, value);
      if (setting.name in values && !(isGiven && isUsable)) refused.push(setting.name);
      this._show(setting, isUsable && (isGiven || !(setting.name in values)) ? value : setting.value);
    }
    return refused;
  }

  _show(setting, value) {
    const { slider, number } = this._fields.get(setting.name);
    this.values[setting.name] = value;
    slider.value = number.value = value;
    number.removeAttribute("aria-invalid");
  }

  _row(setting) {
    const { name, label, min, max, step, hint, value } = setting;
    const ids = { number: `setting-${name}`, hint: `hint-${name}` };
    const described = { "aria-describedby": ids.hint };
    const slider = element("input", { type: "range", min, max, step, "aria-label": `${label}, slider`, ...described });
    const number = element("input", {
      type: "number", id: ids.number, min: setting.lowest, max: Number.isFinite(setting.highest) && setting.highest,
      step: setting.isWhole ? 1 : "any", ...described,
    });
    slider.oninput = () => this._take(setting, Number(slider.value));
    number.oninput = () => this._typed(setting, number);
    number.onchange = () => this._show(setting, this.values[name]); // what is not allowed is not kept
    this._fields.set(name, { slider, number });
    this._show(setting, value);
    return element("div", { class: "setting" },
      element("label", { for: ids.number }, label),
      element("div", { class: "inputs" }, slider, number),
      element("p", { class: "hint", id: ids.hint }, hint));
  }

  _typed(setting, number) {
    const value = number.valueAsNumber;
    if (isAllowed(setting, value)) {
      number.removeAttribute("aria-invalid");
      this._fields.get(setting.name).slider.value = value;
      this.values[setting.name] = value;
      this._onchange();
    } else {
      number.setAttribute("aria-invalid", "true");
    }
  }

  _take(setting, value) {
    this._show(setting, value);
    this._onchange();
  }
}

const isAllowed = ({ lowest, highest, isWhole }, value) =>
  Number.isFinite(value) && value >= lowest && value <= highest && (!isWhole || Number.isInteger(value));

/** Returns a setting with the server's default, and the limits of the number beside the slider. */
function withServerDefaults(setting, { sampling = {}, limits = {} }) {
  const { name, min, max } = setting;
  const isShare = name.endsWith("_p");
  const highest = name === "num_words" ? limits.max_words ?? max : isShare ? max : Infinity;
  return { ...setting, value: sampling[name] ?? setting.value, lowest: min, highest, max: Math.min(max, highest) };
}

const MAX_SEED = 2 ** 31 - 1;

/** The seed of the draw of words: a new one for each text unless the user keeps it. */
export class Seed {
  constructor(onchange) {
    this._field = byId("seed");
    this._keep = byId("keep-seed");
    this._field.max = MAX_SEED;
    this.draw();
    byId("new-seed").onclick = () => {
      this.draw();
      onchange();
    };
    this._field.onchange = () => {
      this.set(this._field.value, true); // a seed that was typed is meant
      onchange();
    };
    this._keep.onchange = onchange;
  }

  get isKept() {
    return this._keep.checked;
  }

  get value() {
    return this._value;
  }

  /** Returns the seed of the next text; a new one if `isNew`, or if the user does not keep it. */
  next({ isNew = false } = {}) {
    if (isNew || !this.isKept) this.draw();
    return this.value;
  }

  draw() {
    this.set(crypto.getRandomValues(new Uint32Array(1))[0] >>> 12, this.isKept); // short enough to read out
  }

  /** Sets the seed; returns whether it is usable: otherwise the present one stays. */
  set(value, isKept) {
    const number = Number(value);
    const isUsable = value !== "" && Number.isInteger(number) && number >= 0 && number <= MAX_SEED;
    if (isUsable) this._value = number;
    this._field.value = this._value;
    this._keep.checked = isKept;
    return isUsable;
  }
}
