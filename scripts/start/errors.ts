/** What the user can do something about: shown without a stack. */
export class StartError extends Error {}
