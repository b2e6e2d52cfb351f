/**
 * How observed numbers are spread, in memory of fixed size. An observation costs some nanoseconds, for those that are on
 * the way of every event; quantiles are worked out when somebody asks, within 3 % of the value.
 */

/** The exponent and the first four bits of the mantissa of a double tell the class: sixteen to each power of two. */
const SHIFT = 16;
const PER_DOUBLING = 16;
/** A microsecond where milliseconds are observed. */
const SMALLEST = 2 ** -10;
/** Twelve days in milliseconds, a gigabyte in bytes. */
const CLASSES = 40 * PER_DOUBLING;
const DOUBLE = new Float64Array(1);
/** Low word first, as on every machine that the pinned Node is made for. */
const WORDS = new Uint32Array(DOUBLE.buffer);
const FIRST = classBits(SMALLEST);

/** Quantiles are those of the last one to two of these. */
const WINDOW_MS = 300_000;

export class Distribution {
  /** Since start, as a Prometheus summary counts. */
  count = 0;
  sum = 0;
  #now = new Uint32Array(CLASSES);
  #before: Uint32Array<ArrayBuffer> | undefined;
  #began: number | undefined;

  /** `times`: so many observations of the same value. */
  observe(value: number, times = 1): void {
    this.count += times;
    this.sum += value * times;
    const place = value > SMALLEST ? Math.min(classBits(value) - FIRST, CLASSES - 1) : 0;
    this.#now[place] = (this.#now[place] as number) + times;
  }

  /** `quantiles` in rising order, `now` in milliseconds. The window turns only here. */
  values(quantiles: readonly number[], now: number): readonly number[] {
    this.#turn(now);
    let total = 0;
    for (let place = 0; place < CLASSES; place++) total += this.#in(place);
    if (total === 0) return quantiles.map(() => Number.NaN);
    let place = 0;
    let seen = this.#in(0);
    return quantiles.map((quantile) => {
      while (seen < quantile * total) seen += this.#in(++place);
      return (lowerEnd(place) + lowerEnd(place + 1)) / 2;
    });
  }

  #in(place: number): number {
    return (this.#now[place] as number) + (this.#before?.[place] ?? 0);
  }

  #turn(now: number): void {
    this.#began ??= now;
    if (now - this.#began < WINDOW_MS) return;
    const oldest = this.#before?.fill(0) ?? new Uint32Array(CLASSES);
    this.#before = this.#now;
    this.#now = oldest;
    this.#began = now;
  }
}

function classBits(value: number): number {
  DOUBLE[0] = value;
  return (WORDS[1] as number) >>> SHIFT;
}

function lowerEnd(place: number): number {
  WORDS[0] = 0;
  WORDS[1] = (place + FIRST) << SHIFT;
  return DOUBLE[0] as number;
}
