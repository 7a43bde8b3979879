/**
 * Where processes lie: the sessions and groups that were seen in programs' trees.
 *
 * @module
 */
import type { ProcessEntry } from "../linux/process_table.ts";

/** So many are remembered. */
const MAX_PLACES = 1_000;

/** Sessions and groups, and the programs in whose trees each was seen. */
export class Places {
  readonly #names = new Map<number, Set<string | undefined>>();

  /** Records where a program's process lies. */
  note({ groupId, sessionId }: ProcessEntry, name: string | undefined, common: number): void {
    for (const place of [groupId, sessionId]) {
      if (place === common || place === 0) continue;
      const names = this.#names.get(place) ?? new Set();
      this.#names.set(place, names.add(name));
    }
    for (const place of this.#names.keys()) {
      if (this.#names.size <= MAX_PLACES) break;
      this.#names.delete(place);
    }
  }

  /**
   * Lists the programs whose a process may be by where it lies: those that share its group, or its session,
   * with no other.
   */
  list({ groupId, sessionId }: ProcessEntry): string[] {
    return [groupId, sessionId].flatMap((place) => {
      const names = [...this.#names.get(place) ?? []];
      return names.length === 1 && names[0] !== undefined ? [names[0]] : [];
    });
  }
}
