/** Between the sandbox and its thread. */
export type ScriptRequest = {
  readonly id: number;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
} & Script;

export type Script =
  /** Is it a body of a function that can be parsed? */
  | { readonly kind: "syntax"; readonly code: string }
  /** An expression; `objects` are globals, each as the JSON text of its value. */
  | {
      readonly kind: "test";
      readonly code: string;
      readonly objects: Readonly<Record<string, string>>;
      readonly help?: Help | undefined;
      /** The answer is to be `tested`, with the objects as the expression left them. */
      readonly keep?: boolean;
    }
  /** The body of a function; `strings` are globals too. */
  | {
      readonly kind: "call";
      readonly code: string;
      readonly objects: Readonly<Record<string, string>>;
      readonly strings: Readonly<Record<string, string>>;
    }
  /** Which of the values, each in turn the global `name`, make every expression true? */
  | {
      readonly kind: "select";
      readonly expressions: readonly string[];
      readonly name: string;
      /** JSON texts. */
      readonly values: readonly string[];
    };

/** Functions for an expression that know more than its objects say. */
export interface Help {
  /** Runs before the expression; `__ask([question, ...])` gives the answers. */
  readonly library: string;
  /** What is known so far, as JSON texts. A question that is not among them ends the run: it comes back as `asked`. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The first message of a thread. */
export const BEGUN = "begun";

export type ScriptAnswer =
  | { readonly id: number; readonly ok: true; readonly value: ScriptValue }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** What a script may give back: the truth of an expression, or the text a function returned. */
export type ScriptValue =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  /** Undefined or null was returned; the objects as the script left them, as JSON texts. */
  | { readonly kind: "objects"; readonly value: Readonly<Record<string, string>> }
  | ({ readonly kind: "tested" } & Tested)
  | ({ readonly kind: "selection" } & Selection)
  | { readonly kind: "asked"; readonly questions: readonly string[] };

export interface Tested {
  /** Undefined: the expression threw `error`. */
  readonly truth: boolean | undefined;
  readonly error: string;
  /** As JSON texts; as they were given when they cannot be told. */
  readonly objects: Readonly<Record<string, string>>;
}

export interface Selection {
  /** Indexes of the values for which all held. */
  readonly selected: readonly number[];
  /** What the first expression that threw said; it counts as false. */
  readonly error: string | undefined;
}
