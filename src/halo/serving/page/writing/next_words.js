/* Bars of the words that the model expects next: its own probabilities, and those after the sampling settings. */

import { bar, element } from "../elements.js";
import { choices, bits, percent } from "../numbers.js";
import { isWritable, shownToken } from "./written_text.js";

/** The bars of one model. */
export class NextWords {
  /**
   * @param {HTMLElement} container
   * @param {function(string)} onchoose - Called with the word that the user chose.
   */
  constructor(container, onchoose) {
    this._container = container;
    this._onchoose = onchoose;
  }

  /** Shows an answer of /api/next. */
  show(answer, title = null) {
    const highest = Math.max(...answer.words.flatMap((each) => [each.probability, each.sampled_probability ?? 0]), Number.EPSILON);
    const focused = this._container.contains(document.activeElement) ? document.activeElement.dataset.word : null;
    const rows = answer.words.map((each) => this._row(each, highest));
    this._container.replaceChildren(
      ...(title === null ? [] : [element("h3", {}, title)]),
      legend(),
      element("ol", { class: "bars next" }, ...rows),
      uncertainty(answer),
    );
    if (focused !== null) {
      const buttons = [...this._container.querySelectorAll("button")];
      (buttons.find((each) => each.dataset.word === focused) ?? buttons[0])?.focus();
    }
    this._container.removeAttribute("aria-busy");
  }

  /** Shows a message instead of bars. */
  explain(...content) {
    this._container.replaceChildren(...content.map((each) => (typeof each === "string" ? element("p", { class: "hint" }, each) : each)));
    this._container.removeAttribute("aria-busy");
  }

  /** Marks the bars as out of date while newer ones are on their way. */
  markBusy() {
    this._container.setAttribute("aria-busy", "true");
  }

  _row({ word, probability, sampled_probability: sampled }, highest) {
    const inside = [
      element("bdi", { class: "name" }, shownToken(word)),
      element("span", { class: "pair" }, bar(probability / highest, "before"), bar((sampled ?? 0) / highest, "after")),
      element("span", { class: "figure" }, percent(probability)),
      element("span", { class: "figure after" }, percent(sampled)),
    ];
    const label = `${shownToken(word)}: ${percent(probability)}, with your settings ${percent(sampled)}`;
    if (!isWritable(word)) return element("li", { class: "alternative", "aria-label": label }, ...inside);
    const attributes = { type: "button", class: "alternative", "data-word": word, "aria-label": `${label}. Add it` };
    return element("li", {}, element("button", { ...attributes, onclick: () => this._onchoose(word) }, ...inside));
  }
}

const legend = () => element("p", { class: "legend" },
  element("span", { class: "entry" }, element("span", { class: "key before" }), "the model’s own probability"),
  element("span", { class: "entry" }, element("span", { class: "key after" }), "with your settings"));

function uncertainty({ entropy_bits: entropy, sampled_entropy_bits: sampled }) {
  const amount = (number) => element("strong", {}, choices(2 ** number));
  return element("p", { class: "hint" },
    "The model is as uncertain as among ", amount(entropy), ` equally likely words (${bits(entropy)} bits); with your settings among `,
    amount(sampled), ` (${bits(sampled)} bits). Choose a word to add it.`);
}
