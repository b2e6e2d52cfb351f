import { parseResources } from "@sensu-ts/core";
import { Failure } from "../frame/failure.ts";
import type { Session } from "../frame/session.ts";
import { type FileResource, named } from "./apply.ts";
import type { Source } from "./sources.ts";

const TOO_MANY = "too many errors";

/**
 * What is odd or wrong goes to stderr, a line each; anything wrong fails the whole text (C-103), and the failure says
 * where unless there is no `input`.
 */
export function parseText(session: Session, { input, place, text }: Source): readonly FileResource[] {
  const { resources, warnings, errors } = parseResources(text);
  for (const line of warnings) session.warn(line);
  for (const line of errors) if (line !== TOO_MANY) session.warn(line);
  if (errors.length === 0) return resources.map(named);
  const where = place === input ? input : `${input}: ${place}`;
  throw new Failure(
    `${where === "" ? "" : `in ${where}: `}${errors.includes(TOO_MANY) ? TOO_MANY : "some resources couldn't be parsed"}`,
  );
}
