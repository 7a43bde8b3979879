/** Random cases that can be had again: `FUZZ_SEED` chooses them, `FUZZ_CASES` how many. */

/** A source of random choices. */
export interface Random {
  /** What it started from; print it where a test fails. */
  readonly seed: number;
  /** @returns An integer from 0 to `below` - 1. */
  integer(below: number): number;
  /** @returns One of `choices`. */
  pick<T>(choices: readonly T[]): T;
}

/** How many random cases a test tries. */
export const FUZZ_CASES = Number(Deno.env.get("FUZZ_CASES") ?? "1000");

/** @returns A seed from the clock. */
export function chooseSeed(): number {
  return Date.now() % 2 ** 31;
}

/**
 * Makes a source of random choices (mulberry32).
 *
 * @param seed Where it starts from; by default `FUZZ_SEED`, else the clock.
 * @returns The source.
 */
export function makeRandom(
  seed: number = Number(Deno.env.get("FUZZ_SEED") ?? chooseSeed()),
): Random {
  let state = seed;
  function integer(below: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
  return { seed, integer, pick: (choices) => choices[integer(choices.length)]! };
}

const FRAGMENTS = [
  "a",
  "Z",
  "0",
  "_",
  "-",
  ".",
  "/",
  "=",
  ":",
  ",",
  " ",
  "  ",
  "\t",
  "\n",
  "\v",
  "\f",
  "\x1c",
  "\x1f",
  "\x85",
  "\xa0",
  "\u1680",
  "\u2003",
  "\u2028",
  "\u3000",
  "\ufeff",
  "\u200b",
  "'",
  '"',
  "\\",
  "\\\\",
  "`",
  "$",
  "$(x)",
  "${HOME}",
  "*",
  "?",
  "~",
  "!",
  "&",
  "|",
  "<",
  ">",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ";",
  "#",
  " ;",
  " #",
  "\n;",
  "\n#",
  "\n ;",
  "%",
  "%%",
  "%s",
  "%(",
  "%(here)s",
  "%%(here)s",
  "%(ENV_HOME)s",
  "%(program_name)s",
  "\n[program:evil]\ncommand=evil",
  "\n[x]",
  "[supervisord]",
  "\nautostart=false",
  "é",
  "語",
  "😀",
  "e\u0301",
  "\x01",
  "\x1b[31m",
  "\x7f",
  '{"a": 1}',
  "''",
  '""',
] as const;

/** @returns Text of up to eight fragments: every class of byte that something may trip over. */
export function randomText(random: Random): string {
  let text = "";
  for (let left = random.integer(9); left > 0; left--) {
    text += random.integer(4) === 0
      ? String.fromCodePoint(random.pick([1 + random.integer(0x7f), 0x80 + random.integer(0xd000)]))
      : random.pick(FRAGMENTS);
  }
  return text;
}
