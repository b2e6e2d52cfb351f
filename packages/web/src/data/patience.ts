/** Answers 429 say when to come back (U-286): short waits are waited for here, whoever asked. */
const RETRIES = 3;
const LONGEST_WAIT_S = 30;
const UNTOLD_S = 5;

/** Seconds until `Retry-After` (a number of them, or a date) is over; `now` in unix milliseconds. */
export function retryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? UNTOLD_S : Math.max(0, Math.ceil((at - now) / 1000));
}

/** As `fetch`; an answer 429 comes back only when it asks for a long wait, or again and again. */
export async function patientFetch(url: string, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, init);
    if (response.status !== 429 || attempt === RETRIES) return response;
    const seconds = retryAfter(response.headers.get("retry-after"), Date.now());
    if (seconds > LONGEST_WAIT_S) return response;
    await wait(seconds * 1000, init.signal);
  }
}

function wait(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
