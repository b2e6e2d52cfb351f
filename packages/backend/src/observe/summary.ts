/**
 * A Prometheus summary like prom-client's, whose `observe` takes 3 microseconds: too long for what every event passes
 * several times. Here the labels are looked up once and the {@link Distribution} is kept by whoever observes.
 */
import type { Metric, Registry } from "prom-client";
import { Distribution } from "./distribution.ts";

const QUANTILES = [0.5, 0.9, 0.99];
/** Values of the label `status`. */
export const STATUS = ["success", "error"];
/** 2.5 to 5 KB each. */
const MAX_LABEL_SETS = 2000;

export type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export class Summary {
  readonly name: string;
  readonly help: string;
  readonly type = "summary";
  readonly #sets = new Map<string, { readonly labels: Labels; readonly values: Distribution }>();
  readonly #rest = new Distribution();

  /** `known` label sets are there from the beginning. */
  constructor(registry: Registry, name: string, help: string, known: readonly Labels[] = []) {
    this.name = name;
    this.help = help;
    for (const labels of known) this.with(labels);
    // The registry asks for no more than what this class has.
    registry.registerMetric(this as unknown as Metric);
  }

  /** Beyond `MAX_LABEL_SETS` different ones, what is observed is shown nowhere. */
  with(labels: Labels): Distribution {
    const key = JSON.stringify(labels);
    const known = this.#sets.get(key);
    if (known) return known.values;
    if (this.#sets.size >= MAX_LABEL_SETS) return this.#rest;
    const values = new Distribution();
    this.#sets.set(key, { labels, values });
    return values;
  }

  async get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Sample[] }> {
    const { name, help, type } = this;
    const values: Sample[] = [];
    const now = performance.now();
    for (const { labels, values: spread } of this.#sets.values()) {
      const quantiles = spread.values(QUANTILES, now);
      for (const [i, value] of quantiles.entries())
        values.push({ labels: { quantile: QUANTILES[i] ?? 0, ...labels }, value });
      values.push({ metricName: `${name}_sum`, labels, value: spread.sum });
      values.push({ metricName: `${name}_count`, labels, value: spread.count });
    }
    return { name, help, type, aggregator: "sum", values };
  }
}

/** Every combination of the values each of the labels may have; without labels there is one. */
export function combinations(values: Readonly<Record<string, readonly string[]>>): readonly Labels[] {
  let all: Labels[] = [{}];
  for (const [name, some] of Object.entries(values)) {
    all = all.flatMap((labels) => some.map((value) => ({ ...labels, [name]: value })));
  }
  return all;
}

/** The two distributions of something that may fail. */
export function byOutcome(of: (status: string) => Distribution): (ok: boolean) => Distribution {
  const success = of("success");
  const error = of("error");
  return (ok) => (ok ? success : error);
}
