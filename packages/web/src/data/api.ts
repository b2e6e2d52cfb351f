/** Calls of the page's own origin, signed in, with the backend's message as the error text. */
import { inBase } from "./base.ts";
import { reportAway, reportBack } from "./connection.ts";
import { patientFetch, retryAfter } from "./patience.ts";
import { accessToken, sessionExpired } from "./session.ts";
import { Signal } from "./signal.ts";

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const RETRIES_ON_401 = 2;

/** Counts up when an action was refused: what the user may do is asked anew (U-270). */
export const denials = new Signal(0);

/** Throws {@link ApiError}; status 0 when there was no answer. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await attemptCall(path, init, attempt > 0);
    if (response.status === 401 && attempt < RETRIES_ON_401) continue;
    if (response.status === 401) sessionExpired.set(true);
    if (response.ok) return response;
    if (response.status === 403 && (init.method ?? "GET") !== "GET") denials.set(denials.value + 1);
    throw new ApiError(response.status, await messageOf(response));
  }
}

async function attemptCall(path: string, init: RequestInit, force: boolean): Promise<Response> {
  let response: Response;
  try {
    const token = await accessToken(force);
    if (token === undefined) throw new ApiError(401, "signed out");
    response = await patientFetch(inBase(path), {
      ...init,
      headers: { ...init.headers, Authorization: `Bearer ${token}` },
    });
  } catch (error) {
    if (error instanceof ApiError || init.signal?.aborted) throw error;
    reportAway();
    throw new ApiError(0, "The backend did not answer");
  }
  if (response.status >= 502 && response.status <= 504) reportAway();
  else reportBack();
  return response;
}

async function messageOf(response: Response): Promise<string> {
  if (response.status === 429) {
    return `Too many requests: try again in ${retryAfter(response.headers.get("retry-after"), Date.now())} seconds`;
  }
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as { message?: string; Message?: string };
    const message = body.message ?? body.Message;
    if (message) return message;
  } catch {
    // Plain text.
  }
  return text.trim().slice(0, 300) || `The backend answered ${response.status}`;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await call(path, signal ? { signal } : {})).json()) as T;
}

export function sendJson(method: "POST" | "PUT" | "PATCH", path: string, body: unknown): Promise<Response> {
  return call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export function remove(path: string): Promise<Response> {
  return call(path, { method: "DELETE" });
}

/** `/api/core/v2/namespaces/NS/…`, each part encoded once (U-58). */
export function corePath(namespace: string, ...parts: readonly string[]): string {
  return `/api/core/v2/namespaces/${[namespace, ...parts].map(encodeURIComponent).join("/")}`;
}
