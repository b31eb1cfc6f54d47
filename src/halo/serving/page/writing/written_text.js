/* The text that is being written: which of its words the model wrote, and its history for undo and redo. */

const TYPING_PAUSE_MS = 1000;
const MAX_HISTORY = 300;

/**
 * @typedef {Object} WrittenWord - A word of the model in the text.
 * @property {number} start - Where it starts, in UTF-16 units, without the space before it.
 * @property {number} end - Where it ends.
 * @property {boolean} isStale - Whether the text before it was changed later, so that its figures are no longer exact.
 * Further properties are those of the server's event: token, probability, bits, rank, alternatives.
 */

/** A text with words of the model and a history. Snapshots share their words, which are never changed in place. */
export class WrittenText {
  constructor(text = "", words = []) {
    this.text = text;
    this.words = words;
    this.generatedFrom = null; // where the latest generation began, for retry
    this._past = [];
    this._future = [];
    this._typedAt = -Infinity;
  }

  /** Takes over a text that the user has edited; words of the model that the edit touched become the user's own. */
  edit(text, now = Date.now()) {
    if (text === this.text) return;
    if (now - this._typedAt > TYPING_PAUSE_MS) this.remember();
    this._typedAt = now;
    const { prefix, suffix } = unchangedParts(this.text, text);
    const shift = text.length - this.text.length;
    const changedUntil = this.text.length - suffix;
    const kept = [];
    for (const word of this.words) {
      if (word.end < prefix || (word.end === prefix && !continuesWord(text, prefix))) kept.push(word);
      else if (word.start >= changedUntil && !(word.start === changedUntil && isInWord(text, word.start + shift))) {
        kept.push({ ...word, start: word.start + shift, end: word.end + shift, isStale: true });
      }
    }
    this.text = text;
    this.words = kept;
    this.generatedFrom = null;
  }

  /** Appends a piece of generated text, with the space that it brings, and the figures of its word. */
  append(piece, figures) {
    const added = /\s$/.test(this.text) || this.text === "" ? piece.replace(/^ +/, "") : piece;
    const start = this.text.length + (added.length - added.trimStart().length);
    this.text += added;
    const end = this.text.trimEnd().length;
    if (figures && start < end) this.words = [...this.words, { ...figures, start, end, isStale: false }];
    return added;
  }

  /** Cuts everything from a position on. */
  cut(position) {
    this.text = this.text.slice(0, position);
    this.words = this.words.filter((word) => word.end <= position);
  }

  /** Returns the word of the model at a position, or the one that ends there. */
  wordAt(position) {
    return this.words.find((word) => word.start <= position && position < word.end)
      ?? this.words.find((word) => word.end === position) ?? null;
  }

  /** Keeps the present text for undo, before it is changed. */
  remember() {
    this._past.push(this._snapshot());
    if (this._past.length > MAX_HISTORY) this._past.shift();
    this._future = [];
    this._typedAt = -Infinity;
  }

  get canUndo() {
    return this._past.some(({ text }) => text !== this.text);
  }

  get canRedo() {
    return this._future.some(({ text }) => text !== this.text);
  }

  undo() {
    this._exchange(this._past, this._future);
  }

  redo() {
    this._exchange(this._future, this._past);
  }

  _exchange(from, to) {
    while (from.at(-1)?.text === this.text) from.pop(); // an action that changed nothing, such as a refused request
    if (!from.length) return;
    to.push(this._snapshot());
    Object.assign(this, from.pop());
    this._typedAt = -Infinity;
  }

  _snapshot() {
    return { text: this.text, words: this.words, generatedFrom: this.generatedFrom };
  }
}

const isLetter = (character) => /[\p{L}\p{N}]/u.test(character ?? "");

/** Whether letters were typed directly at the end of a word. */
const continuesWord = (text, position) => isLetter(text[position - 1]) && isLetter(text[position]);

/** Whether letters stand directly before a word. */
const isInWord = continuesWord;

/** Returns the lengths of the longest common prefix and suffix of two texts. */
function unchangedParts(before, after) {
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && before[before.length - 1 - suffix] === after[after.length - 1 - suffix]) suffix++;
  return { prefix, suffix };
}

const ATTACHED_LEFT = /^(?:[.,;:!?…%)\]}”’»]+|['’]\p{L}{1,2}|n['’]t)$/u;
const ATTACHES_NEXT = /(?:^|\s)["'“‘([{«#$€£]+$/u;

/** Returns a text with one more token, with a space between them where print has one. */
export function withToken(text, token) {
  if (token === "<eos>") return `${text.trimEnd()}\n\n`;
  const hasSpace = text === "" || /\s$/.test(text) || ATTACHED_LEFT.test(token) || ATTACHES_NEXT.test(text);
  return `${ATTACHED_LEFT.test(token) ? text.replace(/ +$/, "") : text}${hasSpace ? "" : " "}${token}`;
}

/** Returns how a token is shown to people. */
export const shownToken = (token) =>
  ({ "<eos>": "¶ end of paragraph", "<unk>": "an unknown word" })[token] ?? token;

/** Whether a token can be put into a text. */
export const isWritable = (token) => token !== "<unk>";
