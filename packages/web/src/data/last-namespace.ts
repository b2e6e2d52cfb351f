import { keyInBase } from "./base.ts";

const KEY = keyInBase("sensu.namespace");

/** Where the user was last, so that the start page leads there. */
export function lastNamespace(): string {
  try {
    return localStorage.getItem(KEY) || "default";
  } catch {
    return "default";
  }
}

export function keepNamespace(namespace: string): void {
  try {
    localStorage.setItem(KEY, namespace);
  } catch {
    // Storage blocked: the next visit starts at the default.
  }
}
