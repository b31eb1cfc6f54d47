/* The view in which a classifier names the label of a text, and shows which words told for it. */

import { bar, byId, element } from "../elements.js";
import { counted, percent } from "../numbers.js";
import { codePointPositions } from "../reading/scores.js";
import { isStopped, postJson } from "../server.js";
import { pieces, signed, strongest } from "./weights.js";

/** The same number as MAX_EXPLAINED_WORDS of the server: a longer text gets its label without the words. */
const MAX_EXPLAINED_WORDS = 500;
const MAX_LABELS = 20;

/** The view. Nothing is sent before the user asks. */
export class Classifying {
  /**
   * @param {Object} page - What the views share: messages, keep.
   * @param {Object[]} classifiers - Those of the server, at least one.
   */
  constructor(page, classifiers) {
    this._page = page;
    this._area = byId("classify-text");
    this._asked = null;
    this._choice = byId("classifier");
    this._choice.replaceChildren(...classifiers.map(({ id }) => element("option", { value: id }, id)));
    byId("classifier-choice").hidden = classifiers.length < 2;
    const show = () => (byId("classifier-facts").textContent = facts(classifiers.find(({ id }) => id === this._choice.value)));
    this._choice.onchange = show;
    show();
    this._area.addEventListener("input", () => {
      page.keep();
      if (this._note && !this._note.textContent) this._note.textContent = "The text above has changed since.";
    });
    this._area.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
        event.preventDefault();
        this.classify();
      }
    });
    byId("classify-button").onclick = () => this.classify();
  }

  get text() {
    return this._area.value;
  }

  set text(text) {
    this._area.value = text;
  }

  /** Asks the classifier for the label of the text, and shows it. */
  async classify() {
    const { messages } = this._page;
    const { text } = this;
    messages.clear();
    if (!text.trim()) {
      messages.say("There is no text to classify yet.");
      this._area.focus();
      return;
    }
    this._asked?.abort();
    const asked = (this._asked = new AbortController());
    const onWait = (seconds) => messages.say(`The server is busy; trying again in ${counted(Math.ceil(seconds), "second")}.`);
    messages.say("Classifying …");
    byId("decision").setAttribute("aria-busy", "true");
    const explain = text.trim().split(/\s+/).length <= MAX_EXPLAINED_WORDS;
    try {
      const body = { model: this._choice.value, input: text, explain };
      const { data } = await postJson("/v1/classify", body, { signal: asked.signal, onWait });
      this._show(text, data[0]);
      messages.say(`Label: ${data[0].label}, ${percent(data[0].probability)}.`);
    } catch (error) {
      if (!isStopped(error)) messages.fail(error, () => this.classify());
    }
    if (asked === this._asked) byId("decision").removeAttribute("aria-busy");
  }

  _show(text, found) {
    this._note = element("p", { class: "hint", role: "status" });
    const words = found.words
      ? explanation(text, found)
      : [element("p", { class: "hint" }, `Only texts of up to ${MAX_EXPLAINED_WORDS} words are explained word by word.`)];
    byId("decision").replaceChildren(
      this._note,
      element("p", { class: "decision" }, element("bdi", {}, element("strong", {}, found.label)), ` ${percent(found.probability)}`),
      element("div", { class: "columns even" },
        element("section", { class: "panel", "aria-labelledby": "labels-title" },
          element("h2", { id: "labels-title" }, "How probable each label is"), ...labelBars(found)),
        element("section", { class: "panel", "aria-labelledby": "telling-title" },
          element("h2", { id: "telling-title" }, "Which words told"), ...words)),
    );
  }
}

function facts({ labels, architecture, vocabulary }) {
  const listed = labels.slice(0, MAX_LABELS).join(", ") + (labels.length > MAX_LABELS ? ", …" : "");
  return `${counted(labels.length, "label")}: ${listed}. It reads with ${architecture} and knows ${counted(vocabulary, "word")}.`;
}

function labelBars({ label, probabilities }) {
  const sorted = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  const rows = sorted.slice(0, MAX_LABELS).map(([name, probability]) => element("li", {
    class: `alternative ${name === label ? "this" : ""}`, "aria-current": name === label && "true",
  }, element("bdi", { class: "name" }, name), bar(probability, "after"), element("span", { class: "figure" }, percent(probability))));
  const left = sorted.length - MAX_LABELS;
  return [
    element("ol", { class: "bars" }, ...rows),
    left > 0 ? element("p", { class: "hint" }, `and ${counted(left, "label")} that are less probable`) : null,
  ];
}

function explanation(text, { label, words }) {
  const positions = codePointPositions(text);
  const placed = words.map((word) => ({ ...word, start: positions[word.start], end: positions[word.end] }));
  const shown = pieces(text, placed).map(({ text: part, weight, colour }) => (weight === null ? part
    : element("span", { class: `word ${colour}`, title: signed(weight) }, part)));
  const listed = (name, chosen) => element("div", {}, element("h3", {}, name), chosen.length
    ? element("ol", { class: "telling" }, ...chosen.map((word) => element("li", {},
      element("bdi", {}, word.text), " ", element("span", { class: "figure" }, signed(word.weight)))))
    : element("p", { class: "hint" }, "none"));
  return [
    element("p", { class: "hint" }, "By how much the log-odds of the label rise with the word: +0.7 doubles the odds, −0.7 halves them."),
    element("p", { class: "legend" }, element("span", { class: "word difference-4" }, "tells much for it"),
      element("span", { class: "word difference-3" }, "for it"), element("span", { class: "word difference-1" }, "against it"),
      element("span", { class: "word difference-0" }, "much against it")),
    element("p", { class: "words reading", dir: "auto" }, ...shown),
    element("div", { class: "telling-lists" },
      listed(`Most for “${label}”`, strongest(placed, 1)), listed("Most against it", strongest(placed, -1))),
  ];
}
