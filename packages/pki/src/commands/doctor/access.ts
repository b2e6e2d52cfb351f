/** Whether the service user reaches a file, and the commands that let it (S-165, S-487). */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { FileOwner } from "../../files.ts";

export interface Blocker {
  readonly target: string;
  readonly folder: boolean;
}

function may(user: FileOwner, target: string, bit: number): boolean {
  const { uid, gid, mode } = statSync(target);
  if (uid === user.uid) return (mode & (bit << 6)) !== 0;
  return (mode & (gid === user.gid ? bit << 3 : bit)) !== 0;
}

/** The file and every link on the way to its target, each with a real folder. */
function hops(file: string): string[] {
  const found: string[] = [];
  for (let at = path.resolve(file); !found.includes(at); ) {
    at = path.join(realpathSync(path.dirname(at)), path.basename(at));
    found.push(at);
    if (!lstatSync(at).isSymbolicLink()) break;
    at = path.resolve(path.dirname(at), readlinkSync(at));
  }
  return found;
}

function foldersAbove(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [] : [...foldersAbove(folder), folder];
}

/** What keeps the user from reading the existing file, from the root on: folders it may not enter, then the file. */
export function blockers(user: FileOwner, file: string): Blocker[] {
  const folders = [...new Set(hops(file).flatMap(foldersAbove))].filter((folder) => !may(user, folder, 1));
  const target = realpathSync(file);
  const closed = may(user, target, 4) ? [] : [{ target, folder: false }];
  return [...folders.map((folder) => ({ target: folder, folder: true })), ...closed];
}

/** Group `sensu` gets in, nobody else does. */
export function remedy({ target, folder }: Blocker): string {
  return `chgrp sensu ${target} && chmod ${folder ? "0750" : "0640"} ${target}`;
}
