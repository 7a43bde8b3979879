import { assert, assertEquals } from "@std/assert";
import { parseEnvironmentList } from "../../src/formats/environment_list.ts";
import { escapePercent } from "../../src/formats/expansion.ts";
import { renderDocument } from "../../src/formats/render.ts";
import { FUZZ_CASES, makeRandom, type Random } from "../support/random.ts";
import { askPython } from "../support/python_reader.ts";
import { makeParserDirectory, parseWithSupervisord } from "../support/real_parser.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

const PIECES = [
  "A",
  "B",
  "=",
  "=",
  ",",
  "'",
  '"',
  " ",
  "#",
  "\\",
  "x",
  "1",
  ";",
  "é",
  "$",
  "\n",
] as const;

function randomList(random: Random): string {
  const pieces = Array.from({ length: random.integer(14) }, () => random.pick(PIECES)).join("");
  return `${random.pick(["", "A=1,", "A='x y',", 'B="z"', "C=d"])}${pieces}`;
}

/** What the real parser makes of each `environment=`, or `undefined` where it refuses. */
async function readEnvironments(supervisord: InstalledSupervisord, texts: readonly string[]) {
  using directory = makeParserDirectory();
  const results = await parseWithSupervisord(
    supervisord,
    directory,
    texts.map((text) => ({
      text: renderDocument(
        new Map([
          ["supervisord", new Map<string, string>()],
          ["program:a", new Map([["command", "x"], ["environment", text]])],
        ]),
      ),
    })),
  );
  return results.map((result) =>
    result.ok ? result.groups[0]?.processes[0]?.["environment"] : undefined
  );
}

for (const supervisord of readSupervisords()) {
  Deno.test(`parseEnvironmentList() reads ${FUZZ_CASES} random lists as supervisord ${supervisord.version}`, async () => {
    const random = makeRandom();
    const lists = Array.from({ length: FUZZ_CASES }, () => randomList(random));
    const read = await readEnvironments(supervisord, lists.map(escapePercent));
    for (const [index, list] of lists.entries()) {
      const parsed = parseEnvironmentList(list);
      const ours = "failure" in parsed ? undefined : Object.fromEntries(parsed.variables);
      assertEquals([list, ours], [list, read[index]], `FUZZ_SEED=${random.seed}`);
    }
  });
}

/** What supervisord after 4.3.0 reads as a POSIX shell would: a backslash, a quote inside a bare word. */
function hangsOnDialect(list: string): boolean {
  return list.includes("\\") || /['"]/.test(list.replaceAll(/=\s*('[^']*'|"[^"]*")/g, "="));
}

Deno.test("an environment= that is accepted means the same to supervisord after 4.3.0, where quotes stand around values only", async () => {
  const random = makeRandom();
  const accepted = Array.from({ length: 10 * FUZZ_CASES }, () => randomList(random)).flatMap(
    (environment) => {
      const list = parseEnvironmentList(environment);
      const isAccepted = "variables" in list && list.loss === undefined;
      return isAccepted && !hangsOnDialect(environment)
        ? [{ environment, variables: [...list.variables] }]
        : [];
    },
  );
  assert(accepted.length > FUZZ_CASES / 2, `${accepted.length} lists are accepted`);
  const answers = await askPython(readSupervisords().at(-1)!, accepted);
  accepted.forEach(({ environment, variables }, index) => {
    assertEquals(
      [environment, variables],
      [environment, answers[index]],
      `FUZZ_SEED=${random.seed}`,
    );
  });
});
