import type { Result } from "./result.ts";

/** Whether a URL answers with a success status in time. */
export async function url(address: string, timeoutMs: number): Promise<Result> {
  const started = performance.now();
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: "follow" });
    await response.body?.cancel();
    const took = (performance.now() - started).toFixed(1);
    return {
      status: response.ok ? "ok" : "critical",
      text: `${address} answered ${response.status}`,
      metrics: [`time=${took}ms`],
    };
  } catch (error) {
    const cause = (error as Error).cause;
    const why = cause instanceof Error ? cause.message : (error as Error).message;
    return { status: "critical", text: `${address}: ${why}` };
  }
}
