/* The editable text. A textarea, so that carets, input methods, paste and right-to-left text are the browser's own; a
   copy of the text beneath it, in the same place and font, has the words of the model marked. */

import { byId, element } from "../elements.js";

const NEAR_END_PX = 40;

/** The textarea of the page with its marked words. */
export class Editor {
  /**
   * @param {WrittenText} written - The text and its words.
   * @param {WordCard} card - Shows the word under the pointer or the cursor.
   * @param {Object} on - Functions: `edit()` after the user changed the text, `choose(word, token)`, `write()`.
   */
  constructor(written, card, on) {
    this.written = written;
    this._card = card;
    this._on = on;
    this._area = byId("text");
    this._mirror = byId("mirror");
    this._frame = byId("editor");
    this._spans = new Map(); // from the marks to their words, in order
    this._marked = 0; // where the last mark ends
    this._hovered = null;
    this._area.addEventListener("input", () => this._edited());
    this._area.addEventListener("keydown", (event) => this._key(event));
    this._area.addEventListener("pointermove", (event) => this._hover(event));
    this._area.addEventListener("pointerleave", () => this._hover(null));
    this._area.addEventListener("click", (event) => this._tapped(event));
    this._area.addEventListener("beforeinput", (event) => this._history(event));
  }

  /** Shows the present text; `caret` is the new position of the cursor, by default where it is or at the end. */
  show({ caret = null } = {}) {
    const { text } = this.written;
    if (this._area.value !== text) {
      const wasAtEnd = this._area.selectionStart === this._area.value.length;
      const { selectionStart: start, selectionEnd: end } = this._area;
      this._area.value = text;
      if (wasAtEnd) this._area.setSelectionRange(text.length, text.length);
      else this._area.setSelectionRange(Math.min(start, text.length), Math.min(end, text.length));
    }
    if (caret !== null) this._area.setSelectionRange(caret, caret);
    this._mark();
  }

  /** Shows the text with a piece appended, without moving a cursor that is elsewhere. */
  append(piece) {
    const isFollowing = this._frame.scrollHeight - this._frame.scrollTop - this._frame.clientHeight < NEAR_END_PX;
    const { length } = this._area.value;
    const wasAtEnd = this._area.selectionStart === length;
    this._area.setRangeText(piece, length, length, wasAtEnd ? "end" : "preserve");
    this._mark({ isAppended: true });
    if (isFollowing) this._frame.scrollTop = this._frame.scrollHeight;
  }

  /** Opens the card on the word at the cursor, or on the latest one before it, with the focus in it. */
  inspect() {
    const caret = this._area.selectionStart;
    const word = this.written.wordAt(caret)
      ?? this.written.words.findLast((each) => each.end <= caret) ?? this.written.words[0];
    if (word) this._open(word, { focus: true });
    return Boolean(word);
  }

  focus() {
    this._area.focus();
  }

  /** Marks the words of the model in the copy of the text; `isAppended` if only the end of the text is new. */
  _mark({ isAppended = false } = {}) {
    const { text, words } = this.written;
    if (isAppended) {
      this._mirror.lastChild.remove();
    } else {
      this._mirror.replaceChildren();
      this._spans.clear();
      this._marked = 0;
    }
    for (const word of words.slice(this._spans.size)) {
      const span = element("span", { class: `word ${word.isStale ? "stale" : ""}` }, text.slice(word.start, word.end));
      this._mirror.append(text.slice(this._marked, word.start), span);
      this._spans.set(span, word);
      this._marked = word.end;
    }
    this._mirror.append(`${text.slice(this._marked)}\n`); // room for the cursor after a last line break
  }

  _edited() {
    this._card.hide();
    this.written.edit(this._area.value);
    this._mark();
    this._on.edit();
  }

  /** Undo and redo of the browser do not know the words of the model; the page has its own. */
  _history(event) {
    const act = { historyUndo: this._on.undo, historyRedo: this._on.redo }[event.inputType];
    if (!act) return;
    event.preventDefault();
    act();
  }

  _key(event) {
    if (event.isComposing) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const isRedo = isCommand && ((key === "z" && event.shiftKey) || key === "y");
    if (isCommand && key === "enter") this._on.write();
    else if (isRedo) this._on.redo();
    else if (isCommand && key === "z") this._on.undo();
    else if (event.altKey && key === "arrowdown" && this.written.words.length) this.inspect();
    else return;
    event.preventDefault();
  }

  _spanAt(event) {
    return document.elementsFromPoint(event.clientX, event.clientY).find((each) => this._spans.has(each));
  }

  _hover(event) {
    const isSelecting = event?.buttons;
    const word = (event && !isSelecting && this._spans.get(this._spanAt(event))) || null;
    if (word === this._hovered) return;
    this._hovered = word;
    for (const [span, each] of this._spans) span.classList.toggle("active", each === word);
    this._area.classList.toggle("over-word", word !== null);
    if (word) this._card.showSoon(this._subject(word));
    else this._card.hideSoon();
  }

  _tapped(event) {
    const word = this._spans.get(this._spanAt(event));
    if (word && this._area.selectionStart === this._area.selectionEnd) this._open(word);
  }

  _open(word, options = {}) {
    this._card.show(this._subject(word), options);
  }

  _subject(word) {
    const { words } = this.written;
    const at = words.indexOf(word);
    return {
      word: { ...word, text: this.written.text.slice(word.start, word.end) },
      place: () => this._rectangle(word),
      choose: (token) => this._on.choose(word, token),
      move: words.length < 2 ? null : (step) => this._open(words[(at + step + words.length) % words.length], { focus: true }),
    };
  }

  _rectangle(word) {
    const span = [...this._spans].find(([, each]) => each === word)?.[0];
    const box = span?.getClientRects()[0] ?? this._area.getBoundingClientRect();
    const frame = this._frame.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) span?.scrollIntoView({ block: "nearest" });
    return span?.getClientRects()[0] ?? box;
  }
}
