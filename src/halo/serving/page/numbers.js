/* Numbers as people read them. */

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TWO_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const RARE = 1e-5;

/** Returns a count with thousands separators: 5,771. */
export const count = (number) => COUNT.format(number);

/** Returns a count with its noun: "1 word", "1,200 words". */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** Returns a probability in percent, very small ones as "1 in 250,000". */
export function percent(probability) {
  if (!Number.isFinite(probability)) return "–";
  if (probability <= 0) return "0%";
  if (probability < RARE) {
    const chances = 1 / probability;
    return `1 in ${Number.isFinite(chances) && chances < 1e15 ? COUNT.format(Number(chances.toPrecision(2))) : "countless"}`;
  }
  if (probability > 0.9995) return probability >= 1 ? "100%" : "over 99.9%";
  const digits = probability > 0.995 ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 };
  return `${new Intl.NumberFormat("en", digits).format(100 * probability)}%`;
}

/** Returns a number of bits with one decimal; "–" where there is none. */
export const bits = (number) => (Number.isFinite(number) ? number.toFixed(1) : "–");

/** Returns a perplexity, or the number of equally likely words that an entropy in bits is worth: 68, 2.4. */
export const choices = (number) =>
  !Number.isFinite(number) ? "–" : number < 10 ? TWO_DIGITS.format(number) : COUNT.format(number);
