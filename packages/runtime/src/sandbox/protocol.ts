/** Between the sandbox and its thread. */
export interface ScriptRequest {
  readonly id: number;
  readonly kind: "test" | "call" | "syntax";
  /** An expression (`test`), or the body of a function (`call`). */
  readonly code: string;
  /** Global objects, each as the JSON text of its value. */
  readonly objects: Readonly<Record<string, string>>;
  /** Global strings. */
  readonly strings: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

export type ScriptAnswer =
  | { readonly id: number; readonly ok: true; readonly value: ScriptValue }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** What a script may give back: the truth of an expression, or the text a function returned. */
export type ScriptValue =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  /** Undefined or null was returned; the objects as the script left them, as JSON texts. */
  | { readonly kind: "objects"; readonly value: Readonly<Record<string, string>> };
