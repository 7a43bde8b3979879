/** A mutant: one deliberate mistake in one file, which a test must notice. */

/** One mistake. */
export interface Mutant {
  /** What is wrong with it, in words. */
  readonly mistake: string;
  /** The file, from the repository's root. */
  readonly file: string;
  /** A text that stands in it exactly once. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
  /** What must notice it. */
  readonly test: MutantTest;
}

/** Tests that run together. */
export interface MutantTest {
  /** Their files, from the repository's root. */
  readonly files: readonly string[];
  /** A part of their names; process tests only. */
  readonly filter?: string | undefined;
}

/** A mistake, the text that stands there, the text that takes its place. */
export type Change = readonly [mistake: string, find: string, replace: string];

/**
 * @param file Where the mistakes are.
 * @param test What must notice them.
 * @param changes The mistakes.
 * @returns A mutant each.
 */
export function mutate(file: string, test: MutantTest, changes: readonly Change[]): Mutant[] {
  return changes.map(([mistake, find, replace]) => ({ mistake, file, find, replace, test }));
}

/**
 * @param mutant The mutant.
 * @param source What its file says.
 * @returns What it says with the mistake.
 * @throws {Error} If the text is not there, or more than once: the mutant is stale.
 */
export function applyMutant({ file, find, replace, mistake }: Mutant, source: string): string {
  const count = source.split(find).length - 1;
  if (count !== 1) {
    throw new Error(
      `Stale mutant "${mistake}": its text stands in ${file} ${count} times:\n${find}`,
    );
  }
  return source.replace(find, () => replace);
}
