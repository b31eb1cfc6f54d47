/* A text that can be looked at but not edited: each word can be hovered, tapped, or reached with the arrow keys. */

import { element } from "./elements.js";

/** A text of words in a container; one stop of the Tab key, within which the arrow keys move from word to word. */
export class WordsView {
  /**
   * @param {HTMLElement} container
   * @param {WordCard} card - Shows the word under the pointer or the focus.
   * @param {{label: string, choose: ?function(Object, string)}} options - `choose` is called with a word and an alternative.
   */
  constructor(container, card, { label, choose = null }) {
    this._container = container;
    this._card = card;
    this._choose = choose;
    this._words = [];
    this._spans = [];
    container.setAttribute("role", "group");
    container.setAttribute("aria-label", label);
    container.setAttribute("dir", "auto");
    container.addEventListener("pointerover", (event) => this._on(event, (at) => card.showSoon(this._subject(at))));
    container.addEventListener("pointerout", () => card.hideSoon());
    container.addEventListener("click", (event) => this._on(event, (at) => this._visit(at)));
    container.addEventListener("keydown", (event) => this._key(event));
  }

  /**
   * Shows a text.
   *
   * @param {string} text
   * @param {Object[]} words - With start and end in UTF-16 units, in order, and what `WordCard` shows.
   * @param {function(Object): Object} attributes - Of the element of a word, such as {class: "bits-2", "aria-label": ...}.
   */
  show(text, words, attributes = () => ({})) {
    this._words = words;
    const parts = [];
    let position = 0;
    this._spans = words.map((word, at) => {
      parts.push(text.slice(position, word.start));
      position = word.end;
      const { class: kind = "", ...rest } = attributes(word);
      const span = element("span", {
        class: `word ${kind}`, role: "button", tabindex: at === 0 ? 0 : -1, "data-at": at, ...rest,
      }, text.slice(word.start, word.end));
      parts.push(span);
      return span;
    });
    parts.push(text.slice(position));
    this._container.replaceChildren(...parts.filter((part) => part !== ""));
  }

  _subject(at) {
    const word = this._words[at];
    return {
      word,
      place: () => this._spans[at].getClientRects()[0] ?? this._container.getBoundingClientRect(),
      choose: this._choose && ((token) => this._choose(word, token)),
      move: null,
    };
  }

  _on(event, act) {
    const span = event.target.closest("[data-at]");
    if (span) act(Number(span.dataset.at));
  }

  _visit(at) {
    for (const span of this._container.querySelectorAll('[tabindex="0"]')) span.tabIndex = -1;
    this._spans[at].tabIndex = 0;
    this._spans[at].focus();
    this._card.show(this._subject(at));
  }

  _key(event) {
    const span = event.target.closest("[data-at]");
    if (!span) return;
    const at = Number(span.dataset.at);
    const last = this._spans.length - 1;
    const targets = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last };
    if (event.key in targets) this._visit(Math.min(last, Math.max(0, targets[event.key])));
    else if (event.key === "Enter" || event.key === " ") this._card.show(this._subject(at), { focus: this._choose !== null });
    else return;
    event.preventDefault();
  }
}
