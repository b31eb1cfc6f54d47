/* The view in which the model reads a text: surprisal colours, ranks, a table, and passages that it has seen. */

import { bar, byId, element } from "../elements.js";
import { bits, choices, count, counted, percent } from "../numbers.js";
import { ScoreTable } from "./score_table.js";
import { BITS_EDGES, DIFFERENCE_EDGES, RANK_BINS, binOf, codePointPositions, numUnscored, rankCounts, scoredWords } from "./scores.js";
import { isStopped, postJson } from "../server.js";
import { WordsView } from "../words_view.js";

const MIN_SEEN_WORDS = 5;
const BITS_LABELS = ["under 2", "2 to 5", "5 to 8", "8 to 12", "over 12 bits"];

/** The view. Nothing is sent before the user asks. */
export class Reading {
  /** @param {Object} page - What the views share: card, models, messages, keep. */
  constructor(page) {
    this._page = page;
    this._area = byId("read-text");
    this._asked = null;
    this._area.addEventListener("input", () => {
      page.keep();
      if (this._scored && !this._note.textContent) this._note.textContent = "The text above has changed since.";
    });
    this._area.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
        event.preventDefault();
        this.score();
      }
    });
    byId("score").onclick = () => this.score();
  }

  get text() {
    return this._area.value;
  }

  set text(text) {
    this._area.value = text;
  }

  /** Asks each chosen model for the surprisal of the text, and shows it. */
  async score() {
    const { models, messages } = this._page;
    const { text } = this;
    messages.clear();
    if (!text.trim()) {
      messages.say("There is no text to read yet.");
      this._area.focus();
      return;
    }
    this._asked?.abort();
    const asked = (this._asked = new AbortController());
    const onWait = (seconds) => messages.say(`The server is busy; trying again in ${counted(Math.ceil(seconds), "second")}.`);
    messages.say("Reading …");
    byId("scores").setAttribute("aria-busy", "true");
    try {
      const chosen = [models.first, models.second].filter((each) => each !== null);
      const options = { signal: asked.signal, onWait };
      const ask = async (model) => ({ model, ...(await postJson("/api/score", { model, text }, options)) });
      const answers = await Promise.all(chosen.map(ask));
      this._show(text, answers);
      messages.say(`${counted(answers[0].words.length, "word")} read.`);
    } catch (error) {
      if (!isStopped(error)) messages.fail(error, () => this.score());
    }
    if (asked === this._asked) byId("scores").removeAttribute("aria-busy");
  }

  _show(text, answers) {
    this._scored = { text, answers, words: scoredWords(text, answers), seen: [] };
    const [first, second] = answers.map(({ model }) => model);
    this._words = element("p", { class: "words reading" });
    this._legend = element("p", { class: "legend" });
    this._seenNote = element("p", { class: "hint", role: "status" });
    this._note = element("p", { class: "hint", role: "status" });
    const label = "The text with its surprisal; the arrow keys move from word to word";
    this._view = new WordsView(this._words, this._page.card, { label });
    const table = new ScoreTable(this._scored.words, { model: first, second: second ?? null });
    byId("scores").replaceChildren(
      this._note,
      element("div", { class: "tile-rows" }, ...answers.map((answer) => tiles(text, answer, answers.length > 1))),
      element("section", { class: "panel", "aria-labelledby": "words-title" },
        element("h2", { id: "words-title" }, "Word by word"), this._options(answers), this._legend, this._words, this._seenNote),
      element("div", { class: `columns even ${second ? "two" : ""}` },
        element("section", { class: "panel", "aria-labelledby": "ranks-title" },
          element("h2", { id: "ranks-title" }, "How good its guesses are"),
          ...answers.flatMap((answer) => histogram(answer, answers.length > 1))),
        element("section", { class: "panel", "aria-labelledby": "table-title" },
          element("h2", { id: "table-title" }, "Most surprising words"), ...table.elements())),
    );
    this._colour();
  }

  /** Returns what can be chosen about the coloured text. */
  _options(answers) {
    this._choice = element("select", { id: "colours", onchange: () => this._colour() },
      ...(answers.length > 1 ? [element("option", { value: "difference" }, `${answers[0].model} minus ${answers[1].model}`)] : []),
      ...answers.map(({ model }, index) => element("option", { value: String(index) }, model)));
    this._seen = element("input", { type: "checkbox", id: "seen", onchange: () => this._askSeen() });
    this._minWords = element("input", {
      type: "number", id: "seen-words", min: 2, max: 20, value: MIN_SEEN_WORDS, onchange: () => this._askSeen(),
    });
    const look = (name, label) => element("label", { class: "check" },
      element("input", { type: "checkbox", onchange: (event) => this._words.classList.toggle(name, event.target.checked) }), label);
    return element("div", { class: "row options" },
      answers.length > 1 ? element("label", {}, "Colours: ", this._choice) : null,
      look("with-lines", "Underlines"), look("with-numbers", "Numbers"),
      element("label", { class: "check" }, this._seen, "Seen in training:"),
      element("label", { class: "check" }, this._minWords, "words or more in a row"));
  }

  _colour() {
    const { text, words, answers, seen } = this._scored;
    const isDifference = this._choice.value === "difference";
    const useSecond = this._choice.value === "1";
    const bitsOf = (word) => (isDifference ? word.difference : useSecond ? word.secondBits : word.bits);
    this._legend.replaceChildren(...(isDifference ? differenceLegend(answers) : bitsLegend()));
    const isSeen = (word) => seen.some((span) => span.start <= word.start && word.end <= span.end);
    this._view.show(text, words, (word) => {
      const value = bitsOf(word);
      const colour = isDifference ? `difference-${binOf(value, DIFFERENCE_EDGES)}` : `bits-${binOf(value, BITS_EDGES)}`;
      const remarks = [word.isKnown ? "" : ", unknown word", isSeen(word) ? ", seen in training" : ""].join("");
      return {
        class: `${Number.isFinite(value) ? colour : ""} ${word.isKnown ? "" : "unknown"} ${isSeen(word) ? "seen" : ""}`,
        "data-bits": bits(value),
        "aria-label": `${word.text}, ${bits(value)} bits${remarks}`,
      };
    });
  }

  async _askSeen() {
    const { text } = this._scored;
    this._scored.seen = [];
    this._seenNote.textContent = "";
    if (this._seen.checked) {
      this._seenNote.textContent = "Looking in the training text …";
      const body = { model: this._page.models.first, text, min_words: this._minWords.valueAsNumber || MIN_SEEN_WORDS };
      try {
        const { spans } = await postJson("/api/seen", body, { onWait: () => {} });
        const positions = codePointPositions(text);
        this._scored.seen = spans.map(({ start, end }) => ({ start: positions[start], end: positions[end] }));
        const stand = spans.length === 1 ? "stands" : "stand";
        this._seenNote.textContent = spans.length
          ? `${counted(spans.length, "passage")} of at least ${body.min_words} words, the framed ones, ${stand} word for word in `
            + `the training text of ${body.model}: the model may be repeating what it has memorised.`
          : `No ${body.min_words} words in a row stand like this in the training text of ${body.model}.`;
      } catch (error) {
        this._seen.checked = false;
        this._seenNote.textContent = error.message;
      }
    }
    this._colour();
  }
}

function tiles(text, { model, words, bits_per_word: perWord, perplexity }, isNamed) {
  const unknown = words.filter((word) => !word.is_known).length;
  const unscored = numUnscored(text, words);
  const tile = (name, value, hint) => element("div", {},
    element("dt", {}, name), element("dd", {}, value), element("dd", { class: "hint" }, hint));
  return element("section", { "aria-label": model },
    isNamed ? element("h2", {}, element("bdi", {}, model)) : null,
    element("dl", { class: "tiles" },
      tile("Bits per word", bits(perWord), "mean surprisal of the words below"),
      tile("Perplexity", choices(perplexity), "as many equally likely choices for each word or mark"),
      tile("Words", count(words.length),
        unscored ? `${counted(unscored, "piece")} of the text left out, which cleaning removes` : "with the marks that belong to them"),
      tile("Unknown words", count(unknown), unknown ? "not in the vocabulary; they distort the figures" : "all are in the vocabulary")));
}

function bitsLegend() {
  return ["Surprisal: ", ...BITS_LABELS.map((label, index) => element("span", { class: `word bits-${index}` }, label)),
    element("span", { class: "word unknown" }, "unknown word")];
}

function differenceLegend([first, second]) {
  const labels = [`${first.model} much less surprised`, "less", "about the same", "more", `${second.model} much less surprised`];
  return labels.map((label, index) => element("span", { class: `word difference-${index}` }, label));
}

function histogram({ model, words }, isNamed) {
  const counts = rankCounts(words);
  const total = Math.max(1, counts.reduce((sum, each) => sum + each, 0));
  const highest = Math.max(...counts, 1);
  const rows = RANK_BINS.map(([label], index) => element("li", { class: "alternative" },
    element("span", { class: "name" }, `rank ${label}`), bar(counts[index] / highest, "after"),
    element("span", { class: "figure" }, `${count(counts[index])} (${percent(counts[index] / total)})`)));
  return [
    isNamed ? element("h3", {}, element("bdi", {}, model)) : element("p", { class: "hint" },
      "Rank 1: the word was the model’s first guess; rank 10: it held nine others likelier."),
    element("ol", { class: "bars ranks" }, ...rows),
  ];
}
