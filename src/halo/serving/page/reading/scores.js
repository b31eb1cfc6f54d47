/* The surprisal of a text by one model or two: words with their figures, and the bins for colours and histograms. */

import { bits, percent } from "../numbers.js";

/** Surprisal in bits from which the next colour begins. */
export const BITS_EDGES = [2, 5, 8, 12];

/** Differences of surprisal in bits at which the colours of a comparison change. */
export const DIFFERENCE_EDGES = [-4, -1, 1, 4];

/** Bins of ranks: [label, largest rank]. */
export const RANK_BINS = [["1", 1], ["2–10", 10], ["11–100", 100], ["101–1,000", 1000], ["over 1,000", Infinity]];

/** Returns the number of the bin of a value, from 0 to the number of edges. */
export const binOf = (value, edges) => edges.filter((edge) => value >= edge).length;

/** Returns the UTF-16 position of each code point of a text, and that of its end: the server counts code points. */
export function codePointPositions(text) {
  const positions = [0];
  for (const character of text) positions.push(positions.at(-1) + character.length);
  return positions;
}

/**
 * Returns the scored words of a text, with the second model's figures beside where there is one.
 *
 * @param {string} text
 * @param {{model: string, words: Object[]}[]} answers - Of /api/score, one for each model.
 * @returns {Object[]} With number, text, start, end (UTF-16), bits, entropy_bits, rank, probability, isKnown, alternatives,
 *   and for two models secondBits and difference (first minus second).
 */
export function scoredWords(text, answers) {
  const positions = codePointPositions(text);
  const [first, second] = answers;
  const secondAt = new Map(second?.words.map((word) => [word.start, word]));
  return first.words.map(({ is_known: isKnown, ...word }, index) => {
    const scored = { ...word, number: index + 1, isKnown, token: knownToken(word), start: positions[word.start], end: positions[word.end] };
    const other = secondAt.get(word.start);
    if (!second) return scored;
    const difference = other ? word.bits - other.bits : NaN;
    const notes = other ? [
      `${first.model}: ${bits(word.bits)} bits.`
        + ` ${second.model}: ${bits(other.bits)} bits (${percent(other.probability)}, rank ${other.rank}).`,
      ...(other.is_known ? [] : [`Not in the vocabulary of ${second.model}.`]),
    ] : [`${second.model} divides the text in another way here.`];
    return { ...scored, secondBits: other?.bits ?? NaN, difference, notes };
  });
}

/** Returns how many pieces of a text between spaces have no figures, because cleaning removes them. */
export function numUnscored(text, words) {
  const positions = codePointPositions(text);
  const spans = words.map((word) => ({ start: positions[word.start], end: positions[word.end] }));
  let next = 0;
  let number = 0;
  for (const piece of text.matchAll(/\S+/g)) {
    while (next < spans.length && spans[next].end <= piece.index) next++;
    if (!spans[next] || spans[next].start >= piece.index + piece[0].length) number++;
  }
  return number;
}

/** Returns the alternative that is the word itself, so that the card can mark it. */
const knownToken = (word) => {
  const same = word.alternatives?.find((each) => each.word.toLowerCase() === word.text.toLowerCase());
  return same?.word ?? word.text;
};

/** Returns how many words are in each bin of ranks. */
export function rankCounts(words) {
  const counts = RANK_BINS.map(() => 0);
  for (const { rank } of words) if (Number.isFinite(rank)) counts[RANK_BINS.findIndex(([, largest]) => rank <= largest)]++;
  return counts;
}
