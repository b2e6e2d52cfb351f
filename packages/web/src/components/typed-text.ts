/**
 * The text of a box whose value also lives elsewhere: what was typed goes out a moment later and comes back later
 * still. What comes back is not to overwrite what was typed meanwhile.
 */
export interface TypedText {
  readonly text: string;
  /** The last value seen from outside. */
  readonly seen: string;
  /** Values that went out and have not come back. */
  readonly sent: readonly string[];
}

export function sends(state: TypedText, value: string): TypedText {
  return { ...state, sent: [...state.sent, value] };
}

export function receives(state: TypedText, value: string): TypedText {
  if (value === state.seen) return state;
  const at = state.sent.indexOf(value);
  if (at >= 0) return { ...state, seen: value, sent: state.sent.slice(at + 1) };
  // Changed by a chip, a link, the back button.
  return { text: value, seen: value, sent: [] };
}
