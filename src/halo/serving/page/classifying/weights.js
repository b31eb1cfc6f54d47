/* How much each word tells for a label: which colour it has, and which words are listed. */

import { DIFFERENCE_EDGES, binOf } from "../reading/scores.js";

/** Weights below this share of the largest one, or below this one, have no colour. */
const WEAKEST_SHARE = 0.15;
const STRONG_SHARE = 0.5;
const WEAKEST = 0.05;
const MAX_LISTED = 6;

/** Returns a weight as text: "+1.2", "−0.4", "0.0". */
export function signed(weight) {
  const size = Math.abs(weight).toFixed(1);
  return Number(size) === 0 ? size : `${weight < 0 ? "−" : "+"}${size}`;
}

/** Returns the class of a word's colour: difference-0 much against the label, difference-4 much for it. */
export function colourOf(weight, largest) {
  if (Math.abs(weight) < Math.max(WEAKEST, WEAKEST_SHARE * largest)) return "";
  const strength = Math.abs(weight) >= STRONG_SHARE * largest ? DIFFERENCE_EDGES[3] : DIFFERENCE_EDGES[2];
  return `difference-${weight > 0 ? binOf(strength, DIFFERENCE_EDGES) : 4 - binOf(strength, DIFFERENCE_EDGES)}`;
}

/**
 * Returns a text in pieces: words with their weight and colour, and what is between them, whose weight is null.
 *
 * @param {string} text
 * @param {Object[]} words - With start and end in UTF-16 units, in order, and weight.
 */
export function pieces(text, words) {
  const largest = Math.max(0, ...words.map(({ weight }) => Math.abs(weight)));
  const found = [];
  let position = 0;
  for (const { start, end, weight } of words) {
    if (start > position) found.push({ text: text.slice(position, start), weight: null, colour: "" });
    found.push({ text: text.slice(start, end), weight, colour: colourOf(weight, largest) });
    position = end;
  }
  if (position < text.length) found.push({ text: text.slice(position), weight: null, colour: "" });
  return found;
}

/** Returns the words that tell most for the label (sign 1) or against it (sign -1), each of them once. */
export function strongest(words, sign) {
  const sorted = words.filter(({ weight }) => sign * weight >= WEAKEST).sort((one, other) => sign * (other.weight - one.weight));
  const different = new Map([...sorted].reverse().map((word) => [bare(word.text), word]));
  return sorted.filter((word) => different.get(bare(word.text)) === word).slice(0, MAX_LISTED);
}

const bare = (text) => text.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || text;
