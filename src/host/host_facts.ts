/**
 * What only this machine knows about a configuration: its users, groups and directories.
 *
 * Permissions: `--allow-read` of /etc/passwd, /etc/group and the directories that are named.
 *
 * @module
 */
import { isGranted } from "./ask_permission.ts";
import type { HostFacts } from "../configuration/value_checks.ts";

/** Names and numbers of a passwd(5) or group(5) file; `undefined` where it cannot be read. */
function readNames(file: string): Map<string, number> | undefined {
  if (!isGranted({ name: "read", path: file })) return undefined;
  try {
    const names = new Map<string, number>();
    for (const line of Deno.readTextFileSync(file).split("\n")) {
      const [name = "", , number = ""] = line.split(":");
      if (name === "") continue;
      names.set(name, Number(number));
      names.set(number, Number(number));
    }
    return names;
  } catch {
    return undefined;
  }
}

function normalize(name: string): string {
  return /^\+?\d+$/.test(name.trim()) ? String(Number(name)) : name.trim();
}

/** A user's numbers. */
export interface UserNumbers {
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
}

/** Looks a user up. */
export function findUser(user: string): UserNumbers | undefined {
  const uid = findUid(user);
  if (uid === undefined) return undefined;
  for (const line of Deno.readTextFileSync("/etc/passwd").split("\n")) {
    const [name, , number = "", group = ""] = line.split(":");
    if (name === user.trim() || Number(number) === uid) return { uid, gid: Number(group) };
  }
  return undefined;
}

/** Looks a user's number up. */
export function findUid(user: string): number | undefined {
  return readNames("/etc/passwd")?.get(normalize(user));
}

/** Makes this machine's facts. Each file is read when it is first asked for. */
export function createHostFacts(home: string): HostFacts {
  const tables = new Map<string, Map<string, number> | undefined>();
  const has = (file: string, name: string): boolean => {
    if (!tables.has(file)) tables.set(file, readNames(file));
    return tables.get(file)?.has(normalize(name)) ?? true;
  };
  return {
    isDirectory: (text) => {
      const path = text.replace(/^~(?=\/|$)/, home);
      if (!isGranted({ name: "read", path })) return true;
      try {
        return Deno.statSync(path).isDirectory;
      } catch {
        return false;
      }
    },
    hasUser: (user) => has("/etc/passwd", user),
    hasGroup: (group) => has("/etc/group", group),
  };
}
