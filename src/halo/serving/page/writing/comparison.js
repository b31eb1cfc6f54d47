/* Two models that go on with the same text, with the same seed and settings, side by side. */

import { button, element } from "../elements.js";
import { counted } from "../numbers.js";
import { streamEvents } from "../server.js";
import { WordsView } from "../words_view.js";
import { WrittenText } from "./written_text.js";

/** The two columns. */
export class Comparison {
  /**
   * @param {HTMLElement} container
   * @param {Object} page - What the views share.
   * @param {{keep: function(string, Object[])}} on - `keep` takes over a text and the words that a model added to it.
   */
  constructor(container, page, on) {
    this._container = container;
    this._page = page;
    this._on = on;
  }

  get isShown() {
    return this._container.childElementCount > 0;
  }

  clear() {
    this._container.replaceChildren();
  }

  /** Lets both models write; returns the number of words of both. Where one fails, the other goes on. */
  async write({ signal, onWait, ...request }) {
    const models = [this._page.models.first, this._page.models.second];
    const columns = models.map((model) => this._newColumn(model));
    this._container.replaceChildren(...columns.map((column) => column.section));
    this._container.hidden = false;
    const results = await Promise.allSettled(
      models.map((model, index) => this._writeOne({ ...request, model }, columns[index], signal, onWait)),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    return results.reduce((sum, result) => sum + result.value, 0);
  }

  async _writeOne(request, column, signal, onWait) {
    const written = new WrittenText(request.text);
    column.written = written;
    let number = 0;
    try {
      for await (const { event, data } of streamEvents("/api/generate", request, { signal, onWait })) {
        if (event !== "word") continue;
        const { text, ...figures } = data;
        written.append(text, figures);
        number++;
        this._show(column, request.text.length);
      }
    } finally {
      column.keep.disabled = number === 0;
      column.note.textContent = `${counted(number, "word")}, seed ${request.seed}`;
    }
    return number;
  }

  _newColumn(model) {
    const words = element("p", { class: "words" });
    const note = element("p", { class: "hint" }, "Writing …");
    const keep = button("Keep this text", () => this._on.keep(column.written.text, column.written.words), { disabled: true });
    const heading = element("h2", {}, element("bdi", {}, model));
    const section = element("section", { class: "panel", "aria-label": model }, heading, words, note, keep);
    const view = new WordsView(words, this._page.card, { label: `What ${model} writes; the arrow keys move from word to word` });
    const column = { section, view, note, keep, written: null };
    return column;
  }

  _show(column, from) {
    const { text, words } = column.written;
    from += text.length - from - text.slice(from).trimStart().length; // the space before the first word
    const moved = words.map((word) => ({
      ...word, text: text.slice(word.start, word.end), start: word.start - from, end: word.end - from,
    }));
    column.view.show(text.slice(from), moved);
  }
}
