/* The small card beside a word: its probability, rank, surprisal, and what else could have stood there. */

import { bar, button, byId, element } from "./elements.js";
import { bits, count, percent } from "./numbers.js";
import { isWritable, shownToken } from "./writing/written_text.js";

const SHOW_AFTER_MS = 200;
const HIDE_AFTER_MS = 300;
const MARGIN = 8;

/** The one card of the page. It opens by hover, tap or keyboard, and stays while the pointer or the focus is in it. */
export class WordCard {
  constructor() {
    this._card = byId("word-card");
    this._timer = 0;
    this._returnTo = null;
    this.subject = null; // what it is about, as given to `show`
    this._card.addEventListener("pointerenter", () => clearTimeout(this._timer));
    this._card.addEventListener("pointerleave", () => this.hideSoon());
    this._card.addEventListener("keydown", (event) => this._key(event));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
    addEventListener("pointerdown", (event) => {
      if (!this._card.contains(event.target)) this.hide();
    });
  }

  get isOpen() {
    return !this._card.hidden;
  }

  /**
   * Shows a word after a moment, so that a pointer on its way to the card does not change it.
   *
   * @param {Object} subject - See `show`.
   */
  showSoon(subject) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.show(subject), SHOW_AFTER_MS);
  }

  /** Hides the card after a moment, unless the pointer or the focus is in it. */
  hideSoon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      if (!this._card.contains(document.activeElement)) this.hide();
    }, HIDE_AFTER_MS);
  }

  /**
   * Shows a word.
   *
   * @param {Object} subject
   * @param {Object} subject.word - The word: text, token, probability, bits, rank, alternatives, isStale, isKnown.
   * @param {function(): DOMRect} subject.place - Where it is on the screen.
   * @param {?function(string)} subject.choose - Called with an alternative that the user chose; null if none can be.
   * @param {?function(number)} subject.move - Called with -1 or 1 to go to the previous or next word.
   * @param {{focus: boolean}} options - Whether the focus goes into the card.
   */
  show(subject, { focus = false } = {}) {
    clearTimeout(this._timer);
    const hadFocus = this._card.contains(document.activeElement);
    if (focus && !hadFocus) this._returnTo = document.activeElement;
    this.subject = subject;
    this._card.replaceChildren(...this._content(subject));
    this._card.hidden = false;
    this._place(subject.place());
    const first = this._card.querySelector("button.alternative") ?? this._card.querySelector("button");
    if (focus || hadFocus) first.focus();
  }

  /** Hides the card and gives the focus back to where it came from. */
  hide() {
    clearTimeout(this._timer);
    if (this._card.hidden) return;
    const hadFocus = this._card.contains(document.activeElement);
    this._card.hidden = true;
    this.subject = null;
    if (hadFocus) this._returnTo?.focus();
  }

  _content({ word, choose, move }) {
    const title = element("p", { class: "word-card-title", id: "word-card-title" }, element("bdi", {}, word.text));
    const close = button("×", () => this.hide(), { class: "quiet", "aria-label": "Close" });
    const steps = move
      ? [button("‹", () => move(-1), { class: "quiet", "aria-label": "Previous word" }),
         button("›", () => move(1), { class: "quiet", "aria-label": "Next word" })]
      : [];
    return [
      element("div", { class: "title-row" }, title, element("span", {}, ...steps, close)),
      ...figures(word),
      ...this._alternatives(word, choose),
    ];
  }

  _alternatives(word, choose) {
    const alternatives = word.alternatives ?? [];
    if (!alternatives.length) return [];
    const highest = Math.max(...alternatives.map((each) => each.probability), Number.EPSILON);
    const rows = alternatives.map((each) => {
      const isThis = each.word === word.token;
      const inside = [
        element("bdi", { class: "name" }, shownToken(each.word)),
        bar(each.probability / highest, "before"),
        element("span", { class: "figure" }, percent(each.probability)),
      ];
      if (!choose || isThis || !isWritable(each.word)) {
        return element("li", { class: `alternative ${isThis ? "this" : ""}`, "aria-current": isThis && "true" }, ...inside);
      }
      return element("li", {}, element("button", { type: "button", class: "alternative", onclick: () => choose(each.word) }, ...inside));
    });
    const heading = choose ? "Go on with another word instead:" : "The likeliest words here:";
    return [element("p", { class: "hint" }, heading), element("ol", { class: "bars" }, ...rows)];
  }

  _place(box) {
    const card = this._card;
    const width = card.offsetWidth;
    const left = Math.min(Math.max(MARGIN, box.left), document.documentElement.clientWidth - width - MARGIN);
    const fitsBelow = box.bottom + card.offsetHeight <= innerHeight || box.top < card.offsetHeight;
    const top = fitsBelow ? box.bottom : box.top - card.offsetHeight;
    card.style.left = `${Math.max(MARGIN, left) + scrollX}px`;
    card.style.top = `${top + scrollY}px`;
  }

  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const buttons = [...this._card.querySelectorAll("button.alternative")];
      const at = buttons.indexOf(document.activeElement);
      buttons.at(Math.min(buttons.length - 1, Math.max(0, at + step)))?.focus();
      event.preventDefault();
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && this.subject?.move) {
      this.subject.move(event.key === "ArrowLeft" ? -1 : 1);
      event.preventDefault();
    }
  }
}

/** Returns the sentences about a word's figures. */
function figures(word) {
  if (word.isKnown === false && !Number.isFinite(word.probability)) {
    return [element("p", {}, "This word is not in the model’s vocabulary.")];
  }
  const likelier = word.rank - 1;
  const place = likelier === 0 ? "It was the model’s first guess." : likelier === 1 ? "The model held one word likelier here."
    : `The model held ${count(likelier)} words likelier here.`;
  const hint = (text) => element("p", { class: "hint" }, text);
  const unknown = "Not in the model’s vocabulary: the figures are those of “an unknown word”.";
  const stale = "The text before it has changed since; these figures are from before.";
  return [
    element("p", {}, element("strong", {}, percent(word.probability)), ` probability · rank ${count(word.rank)} · ${bits(word.bits)} bits`),
    hint(place),
    ...(word.isKnown === false ? [element("p", {}, unknown)] : []),
    ...(word.isStale ? [hint(stale)] : []),
    ...(word.notes ?? []).map(hint),
  ];
}
