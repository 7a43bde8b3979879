import { assertEquals } from "@std/assert";
import { compileGlob } from "../../src/formats/glob.ts";
import { parseIni } from "../../src/formats/parse_ini.ts";
import { FUZZ_CASES, makeRandom, type Random } from "../support/random.ts";
import { askPython } from "../support/python_reader.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What is read of included files is what supervisord reads of them.

const INI_PIECES = [
  ...["[a]", "[b:c]", "[DEFAULT]", "[", "]", "k", "K2", "=", ":", ";", "#", "v", " ", "  ", "\t"],
  ...["\n", "\n", "\n", "\r\n", "\n ", "k=v", "\nk=v ;c", "\u00a0", "\x1c", "%(here)s", "é"],
] as const;

const GLOB_PIECES = [
  "*",
  "?",
  "[",
  "]",
  "!",
  "-",
  "a",
  "b",
  "c",
  "^",
  "\\",
  ".",
  "é",
  "0",
] as const;

function join(random: Random, pieces: readonly string[], most: number): string {
  return Array.from({ length: random.integer(most) }, () => random.pick(pieces)).join("");
}

/** In Python's order, by code points. */
function readOurs(text: string): unknown {
  const parsed = parseIni(text);
  if ("failure" in parsed) return null;
  const sections = new Map([["DEFAULT", new Map<string, string>()], ...parsed.sections]);
  return [...sections].map(([name, values]) => [name, [...values]])
    .sort(([a], [b]) => String(a) < String(b) ? -1 : 1);
}

/** What a value with comments is made of: prefixes with and without white space before them. */
const COMMENT_PIECES = ["a", ";", "#", " ;", " #", " ", "\t#", ";;", "##", "b"] as const;

for (const supervisord of readSupervisords()) {
  Deno.test(`parseIni() cuts comments as supervisord ${supervisord.version} does`, async (test) => {
    const given = "[a]\nx = a;a ; b # c\ny = a#a # b ; c\n";
    const [oldest] = await askPython(supervisord, [{ ini: given }]);
    const isOld = JSON.stringify(oldest).includes("a;a ; b");
    const ignore = !isOld; // Python 3.13 and later cut elsewhere.
    await test.step({
      name: "as Python up to 3.12",
      ignore,
      fn: async () => {
        assertEquals(readOurs(given), oldest);
        const random = makeRandom();
        const texts = Array.from(
          { length: 20 * FUZZ_CASES },
          () => `[a]\nk=${join(random, COMMENT_PIECES, 12)}\n`,
        );
        const answers = await askPython(supervisord, texts.map((ini) => ({ ini })));
        texts.forEach((text, index) => {
          assertEquals([text, readOurs(text)], [text, answers[index]], `FUZZ_SEED=${random.seed}`);
        });
      },
    });
  });

  Deno.test(`parseIni() reads random files as supervisord ${supervisord.version} does`, async () => {
    const random = makeRandom();
    const texts = Array.from(
      { length: FUZZ_CASES },
      () => random.pick(["", "[a]\n", "[a]\nk=v\n"]) + join(random, INI_PIECES, 24),
    );
    const answers = await askPython(supervisord, texts.map((ini) => ({ ini })));
    texts.forEach((text, index) => {
      assertEquals([text, readOurs(text)], [text, answers[index]], `FUZZ_SEED=${random.seed}`);
    });
  });

  Deno.test(`compileGlob() matches as Python does for supervisord ${supervisord.version}`, async () => {
    const random = makeRandom();
    const cases = Array.from({ length: FUZZ_CASES }, () => ({
      pattern: join(random, GLOB_PIECES, 8),
      name: join(random, GLOB_PIECES, 5),
    }));
    const answers = await askPython(supervisord, cases);
    cases.forEach(({ pattern, name }, index) => {
      const ours = compileGlob(pattern).test(name);
      assertEquals([pattern, name, ours], [pattern, name, answers[index]], `${random.seed}`);
    });
  });
}
