/** Series of keepalives and check TTLs (P-159). */
import { Counter, type Registry } from "prom-client";
import { byOutcome, combinations, STATUS, Summary } from "../observe/summary.ts";

export class LivenessMetrics {
  /** Keepalives that came in. */
  alive = 0;
  /** Keepalives that were missed. */
  dead = 0;
  readonly #armed;
  readonly #buried;

  constructor(registry: Registry) {
    const self = this;
    new Counter({
      name: "sensu_go_keepalives",
      help: "Processed keepalives",
      labelNames: ["status"],
      registers: [registry],
      collect() {
        this.reset();
        this.inc({ status: "alive" }, self.alive);
        this.inc({ status: "dead" }, self.dead);
      },
    });
    const ofStatus = (name: string, what: string) => {
      const known = combinations({ status: STATUS });
      const summary = new Summary(
        registry,
        `sensu_go_eventd_switches_${name}_duration`,
        `Milliseconds of ${what}`,
        known,
      );
      return byOutcome((status) => summary.with({ status }))(true);
    };
    this.#armed = ofStatus("alive", "setting the deadline of a check's TTL");
    this.#buried = ofStatus("bury", "forgetting the deadline of a check's TTL");
  }

  /** `began`: `performance.now()`. Deadlines are in memory here, so this never fails. */
  armed(began: number): void {
    this.#armed.observe(performance.now() - began);
  }

  buried(began: number): void {
    this.#buried.observe(performance.now() - began);
  }
}
