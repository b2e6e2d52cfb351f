/** Types of what the backend says; nothing of it is imported at run time. */
export type * from "../../../backend/src/ui/wire.ts";
