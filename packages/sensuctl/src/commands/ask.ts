/** Questions to the person at the terminal (C-66, C-67). The prompt library is loaded only when one is asked. */
import { isatty } from "node:tty";
import { Failure } from "../frame/failure.ts";
import type { Session } from "../frame/session.ts";

/** Anything but yes prints `Canceled`; so does the lack of a terminal. */
export async function confirmed(session: Session, verb: string, type: string, name: string): Promise<boolean> {
  return yes(session, `Are you sure you would like to ${verb} ${type} '${name}'?`);
}

export async function yes(session: Session, message: string): Promise<boolean> {
  let answer = false;
  if (session.interactive) {
    const { confirm } = await import("@inquirer/prompts");
    answer = await confirm({ message, default: false }).catch(() => false);
  }
  if (!answer) session.say("Canceled");
  return answer;
}

const TRUTH = /^(1|t|true|y|yes)$/i;
const FALSEHOOD = /^(0|f|false|n|no)$/i;

interface Question {
  readonly default?: string;
  readonly required?: boolean;
  /** `true`, or what is wrong with the answer. */
  validate?(answer: string): boolean | string;
}

/** Without a terminal the prompt library would wait for keys that never come. */
function requireTerminal(message: string): void {
  if (isatty(0) && isatty(1)) return;
  throw new Failure(`EOF: there is no terminal to ask "${message.trim()}" on; give arguments and flags instead`);
}

export async function askText(message: string, question: Question = {}): Promise<string> {
  requireTerminal(message);
  const { input } = await import("@inquirer/prompts");
  return ended(
    input({
      message,
      ...(question.default === undefined ? {} : { default: question.default }),
      validate: (answer) => {
        if (question.required && answer === "") return "Value is required";
        return question.validate?.(answer) ?? true;
      },
    }),
  );
}

export async function askSecret(message: string, required = false): Promise<string> {
  requireTerminal(message);
  const { password } = await import("@inquirer/prompts");
  const validate = (answer: string) => (required && answer === "" ? "Value is required" : true);
  return ended(password({ message, mask: "*", validate }));
}

export async function askChoice(message: string, choices: readonly string[], current?: string): Promise<string> {
  requireTerminal(message);
  const { select } = await import("@inquirer/prompts");
  const known = current !== undefined && choices.includes(current) ? { default: current } : {};
  return ended(select({ message, choices: choices.map((value) => ({ value })), ...known }));
}

export async function askBoolean(message: string, current: boolean): Promise<boolean> {
  requireTerminal(message);
  const { confirm } = await import("@inquirer/prompts");
  return ended(confirm({ message, default: current }));
}

/** As the original asks: a word that Go takes for a boolean; `y` and `n` as well. */
export async function askTruth(message: string, current: boolean): Promise<boolean> {
  const validate = (answer: string) =>
    TRUTH.test(answer) || FALSEHOOD.test(answer) || "Please enter either true or false";
  return TRUTH.test(await askText(message, { default: String(current), validate }));
}

/** Ctrl-C and a closed input end the command, not in a stack trace. */
async function ended<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name))
      throw new Failure("interrupt");
    throw error;
  }
}
