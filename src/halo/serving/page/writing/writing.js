/* The view in which a text is written: by the user, by the model, and by choosing among the model's words. */

import { Comparison } from "./comparison.js";
import { Editor } from "./editor.js";
import { button, byId } from "../elements.js";
import { NextWords } from "./next_words.js";
import { counted } from "../numbers.js";
import { isStopped, postJson, streamEvents } from "../server.js";
import { withToken } from "./written_text.js";

const DEBOUNCE_MS = 150;
const NUM_NEXT = 10;
const NUM_ALTERNATIVES = 8;
const SAMPLING = ["temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty"];

/** The view. It changes `page.written`, the text, and asks the server for words. */
export class Writing {
  /**
   * @param {Object} page - What the views share: written, card, models, settings, seed, messages, keep.
   */
  constructor(page) {
    this._page = page;
    this._stream = null; // the AbortController while words are being written
    this._next = null; // the AbortController of the latest request for next words
    this._timer = 0;
    this.isLive = true; // false: the server has not been asked about this text, which came with a link
    this._editor = new Editor(page.written, page.card, {
      edit: () => this._userEdited(),
      choose: (word, token) => this.branch(word, token),
      write: () => this.write(),
      undo: () => this._travel("undo"),
      redo: () => this._travel("redo"),
    });
    this._bars = [0, 1].map((index) => this._newBars(index));
    this._comparison = new Comparison(byId("comparison"), page, { keep: (text, words) => this._take(text, words) });
    const actions = {
      "write-on": () => this.write(), step: () => this.step(), stop: () => this.stop(), retry: () => this.retry(),
      undo: () => this._travel("undo"), redo: () => this._travel("redo"), inspect: () => this._inspect(), clear: () => this._clear(),
    };
    for (const [id, act] of Object.entries(actions)) byId(id).onclick = act;
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.stop();
    });
    this.show();
  }

  get isWriting() {
    return this._stream !== null;
  }

  /** Shows the present text, and which buttons can be used. */
  show(options) {
    this._editor.show(options);
    this._showButtons();
    this._page.keep();
  }

  /** Asks for the next words after a moment, once for several changes. */
  refreshNext() {
    clearTimeout(this._timer);
    if (!this.isLive) {
      for (const bars of this._bars) bars.explain();
      this._bars[0].explain("This text came with a link, and has not been sent to the server yet.", button("Show what comes next", () => {
        this.isLive = true;
        this.refreshNext();
      }));
      return;
    }
    this._bars[0].markBusy();
    this._timer = setTimeout(() => this._askNext(), DEBOUNCE_MS);
  }

  /** Writes words at the end of the text. They are undone by themselves, or with the action that they are a part of. */
  async write({ numWords = this._page.settings.values.num_words, seed = null, isPart = false } = {}) {
    if (this.isWriting) return;
    const { written, models } = this._page;
    this.isLive = true;
    seed ??= this._page.seed.next();
    if (models.second !== null) {
      await this._run((signal, onWait) => this._comparison.write({ ...this._request(seed, numWords), signal, onWait }));
      return;
    }
    if (!isPart) written.remember();
    written.generatedFrom = written.text.length;
    await this._run((signal, onWait) => this._append(this._request(seed, numWords), signal, onWait));
  }

  /** Writes a single word. The seed depends on the text too, or each word would come from the same point of the draw. */
  step() {
    const { seed, written } = this._page;
    return this.write({ numWords: 1, seed: (seed.next() + written.text.split(/\s+/).length) % 2 ** 31 });
  }

  /** Writes the latest words again with a new seed. */
  retry() {
    const { written, seed, models } = this._page;
    if (this.isWriting || (written.generatedFrom === null && models.second === null)) return;
    const from = written.generatedFrom;
    if (models.second === null) {
      written.remember();
      written.cut(from);
      this.show({ caret: from });
    }
    this.write({ seed: seed.next({ isNew: true }), isPart: true });
  }

  /** Cuts the text at a word of the model, puts another word there, and writes on. */
  async branch(word, token) {
    await this._stopped();
    const { written } = this._page;
    written.remember();
    const alternatives = word.alternatives ?? [];
    const rank = 1 + alternatives.findIndex((each) => each.word === token);
    const { probability } = alternatives[rank - 1];
    written.cut(word.start);
    const piece = withToken(written.text, token);
    const common = piece.startsWith(written.text) ? written.text.length : written.text.trimEnd().length;
    written.cut(common);
    written.append(piece.slice(common), { token, probability, rank, bits: -Math.log2(probability), alternatives });
    this._page.card.hide();
    this.show({ caret: written.text.length });
    this._editor.focus();
    this._page.messages.say(`Goes on from “${token}”.`);
    await this.write({ isPart: true });
  }

  stop() {
    this._stream?.abort();
  }

  async _stopped() {
    this.stop();
    while (this.isWriting) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Runs a task that writes, shows that it runs, and reports how it ended. */
  async _run(task) {
    const { messages } = this._page;
    this._stream = new AbortController();
    messages.clear();
    messages.say("Writing …");
    this._showButtons();
    const onWait = (seconds) => messages.say(`The server is busy; trying again in ${counted(Math.ceil(seconds), "second")}. Esc stops.`);
    try {
      messages.say(`${counted(await task(this._stream.signal, onWait), "word")} written.`);
    } catch (error) {
      if (isStopped(error)) messages.say("Stopped.");
      else messages.fail(error, () => this.write());
    }
    this._stream = null;
    this.show();
    this.refreshNext();
  }

  async _append(request, signal, onWait) {
    const { written } = this._page;
    let number = 0;
    for await (const { event, data } of streamEvents("/api/generate", request, { signal, onWait })) {
      if (event !== "word") continue;
      const { text, ...figures } = data;
      this._editor.append(written.append(text, figures));
      this._page.keep();
      number++;
    }
    return number;
  }

  _request(seed, numWords) {
    const { models, written } = this._page;
    return { model: models.first, text: written.text, ...this._sampling(), num_words: numWords, seed, num_alternatives: NUM_ALTERNATIVES };
  }

  _sampling() {
    return Object.fromEntries(SAMPLING.map((name) => [name, this._page.settings.values[name]]));
  }

  async _askNext() {
    if (this.isWriting) return;
    this._next?.abort();
    const asked = (this._next = new AbortController());
    const { models, written } = this._page;
    const chosen = [models.first, models.second].filter((each) => each !== null);
    if (chosen.length === 1) this._bars[1].explain();
    await Promise.all(chosen.map(async (model, index) => {
      this._bars[index].markBusy();
      const body = { model, text: written.text, k: NUM_NEXT, ...this._sampling() };
      try {
        const answer = await postJson("/api/next", body, { signal: asked.signal, onWait: () => {} });
        this._bars[index].show(answer, chosen.length > 1 ? model : null);
      } catch (error) {
        if (!isStopped(error)) this._bars[index].explain(error.message, button("Try again", () => this.refreshNext()));
      }
    }));
  }

  _newBars(index) {
    const container = document.createElement("div");
    byId("next").append(container);
    if (index === 0) container.setAttribute("aria-busy", "true");
    return new NextWords(container, (token) => this._addToken(token));
  }

  async _addToken(token) {
    await this._stopped();
    const { written } = this._page;
    written.remember();
    written.text = withToken(written.text, token);
    written.words = written.words.filter((word) => word.end <= written.text.length);
    this.show({ caret: written.text.length });
    this.refreshNext();
  }

  _userEdited() {
    if (this.isWriting) this.stop();
    this.isLive = true;
    this._showButtons();
    this._page.keep();
    this.refreshNext();
  }

  async _travel(direction) {
    await this._stopped();
    const { written, card } = this._page;
    card.hide();
    written[direction]();
    this.show();
    this.refreshNext();
  }

  _inspect() {
    if (!this._editor.inspect()) this._page.messages.say("The model has not written a word here yet.");
  }

  async _clear() {
    await this._stopped();
    this._page.written.remember();
    this._page.written.cut(0);
    this._page.written.generatedFrom = null;
    this._comparison.clear();
    this.show({ caret: 0 });
    this._editor.focus();
    this.refreshNext();
  }

  /** Appends what one of two models wrote. */
  _take(text, words) {
    const { written } = this._page;
    written.remember();
    written.text = text;
    written.words = [...written.words, ...words];
    this._comparison.clear();
    this.show({ caret: text.length });
    this._editor.focus();
    this.refreshNext();
  }

  _showButtons() {
    const { written, models } = this._page;
    const busy = this.isWriting;
    const hadFocus = document.activeElement;
    byId("stop").hidden = !busy;
    byId("write-on").hidden = busy;
    if (busy && hadFocus === byId("write-on")) byId("stop").focus();
    if (!busy && hadFocus === byId("stop")) byId("write-on").focus();
    byId("step").disabled = busy;
    byId("retry").disabled = busy || (written.generatedFrom === null && !this._comparison.isShown);
    byId("undo").disabled = !written.canUndo;
    byId("redo").disabled = !written.canRedo;
    byId("inspect").disabled = !written.words.length;
    byId("clear").disabled = written.text === "";
    byId("comparison").hidden = models.second === null || !this._comparison.isShown;
  }
}
