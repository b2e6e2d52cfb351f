import type { Session } from "../frame/session.ts";
import type { FileResource } from "./apply.ts";
import type { Source } from "./sources.ts";
export function parseText(_s: Session, _x: Source): readonly FileResource[] {
  return [];
}
