/* The table of scored words, sorted by any column, and its export as TSV and JSON. */

import { button, element } from "../elements.js";
import { bits, count, percent } from "../numbers.js";

const COLUMNS = [
  { key: "number", label: "#", title: "Position in the text", show: count },
  { key: "text", label: "Word", show: (text) => element("bdi", {}, text) },
  { key: "bits", label: "Surprisal", title: "In bits", show: bits, isDescending: true },
  { key: "probability", label: "Probability", title: "Before the word", show: percent },
  { key: "rank", label: "Rank", title: "1: the model’s first guess", isDescending: true,
    show: (rank) => (Number.isFinite(rank) ? count(rank) : "–") },
  { key: "entropy_bits", label: "Entropy", title: "Uncertainty before the word, in bits", show: bits, isDescending: true },
  { key: "known", label: "Known", title: "Whether it is in the vocabulary", show: (known) => (known ? "yes" : "no") },
];

const COMPARED = [
  { key: "second_bits", label: "Second model", title: "Surprisal in bits by the second model", show: bits, isDescending: true },
  { key: "difference", label: "Difference", title: "Bits of the first model minus those of the second", show: bits, isDescending: true },
];

/** A table of words; `rows` are what it shows, in its order. */
export class ScoreTable {
  /**
   * @param {Object[]} words - Of `scoredWords`.
   * @param {{model: string, second: ?string}} models
   */
  constructor(words, { model, second }) {
    this._columns = second === null ? COLUMNS : [...COLUMNS.slice(0, 3), ...COMPARED, ...COLUMNS.slice(3)];
    this._models = second === null ? { model } : { model, second_model: second };
    this.rows = words.map((word) => ({
      number: word.number, text: word.text, bits: word.bits, second_bits: word.secondBits, difference: word.difference,
      probability: word.probability, rank: word.rank, entropy_bits: word.entropy_bits, known: word.isKnown,
    }));
    this._body = element("tbody");
    this._headers = this._columns.map((column) => this._header(column));
    this._sort(this._columns.find((column) => column.key === (second === null ? "bits" : "difference")));
  }

  /** Returns the table with its export buttons. */
  elements() {
    const head = element("thead", {}, element("tr", {}, ...this._headers));
    const table = element("table", {}, element("caption", {}, "Words by surprisal; a column’s name sorts by it"), head, this._body);
    return [
      element("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Table of words" }, table),
      element("p", { class: "row" },
        button("Download TSV", () => download("surprisal.tsv", "text/tab-separated-values", this.tsv())),
        button("Download JSON", () => download("surprisal.json", "application/json", this.json()))),
    ];
  }

  /** Returns the table as tab-separated values, with its columns in its order, in full precision. */
  tsv() {
    const keys = this._columns.map(({ key }) => key);
    const cell = (value) => (value === undefined || value === null || Number.isNaN(value) ? "" : String(value).replace(/[\t\r\n]/g, " "));
    return `${[keys, ...this.rows.map((row) => keys.map((key) => cell(row[key])))].map((cells) => cells.join("\t")).join("\n")}\n`;
  }

  /** Returns the table as JSON: the models, and the words in its order. */
  json() {
    const keys = this._columns.map(({ key }) => key);
    const words = this.rows.map((row) => Object.fromEntries(keys.map((key) => [key, row[key]])));
    return `${JSON.stringify({ ...this._models, words }, null, 1)}\n`;
  }

  _header(column) {
    const sorts = () => this._sort(column);
    return element("th", { scope: "col", "data-key": column.key }, button(column.label, sorts, { class: "sort", title: column.title }));
  }

  _sort(column) {
    const isSame = this._sorted === column;
    this._isDescending = isSame ? !this._isDescending : Boolean(column.isDescending);
    this._sorted = column;
    const sign = this._isDescending ? -1 : 1;
    const { key } = column;
    this.rows.sort((one, other) => sign * compare(one[key], other[key]) || one.number - other.number);
    this._body.replaceChildren(...this.rows.map((row) => element("tr", {}, ...this._columns.map((each) =>
      element("td", { class: each.key === "text" ? "" : "figure" }, each.show(row[each.key]))))));
    for (const header of this._headers) {
      const isSorted = header.dataset.key === key;
      if (isSorted) header.setAttribute("aria-sort", this._isDescending ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
  }
}

function compare(one, other) {
  if (typeof one === "string") return one.localeCompare(other);
  return (Number.isNaN(one) ? -Infinity : Number(one)) - (Number.isNaN(other) ? -Infinity : Number(other)) || 0;
}

/** Offers a text to the user as a file. */
export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
