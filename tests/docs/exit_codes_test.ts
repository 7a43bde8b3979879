import { assert, assertEquals } from "@std/assert";
import { CAUSES } from "../../src/engines/cause.ts";
import { type Cause, findCauseExitCode } from "../../src/policy/cause.ts";
import { ROOT } from "../support/run.ts";

const TEXT = Deno.readTextFileSync(`${ROOT}/docs/exit_codes.md`);

/** The table's rows: a code, and the causes that it names. */
const ROWS = [...TEXT.matchAll(/^\| +(\d+) \| ([^|]+) \|/gm)].map(([, code, causes = ""]) => ({
  code: Number(code),
  causes: [...causes.matchAll(/`(\w+)`/g)].map(([, cause]) => cause as Cause),
}));

Deno.test("docs/exit_codes.md has the code of every cause", () => {
  for (const cause of Object.keys(CAUSES) as Cause[]) {
    const named = ROWS.find(({ causes }) => causes.includes(cause))?.code;
    assertEquals(named ?? 70, findCauseExitCode(cause), cause);
  }
  assertEquals(findCauseExitCode(undefined), 70);
});

Deno.test("docs/exit_codes.md acts on every code once in the Job's policy, and on no other", () => {
  const [job = "", pod = ""] = [...TEXT.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml);
  const read = (yaml: string) =>
    [...yaml.matchAll(/values: \[([\d, ]+)\]/g)]
      .flatMap(([, codes = ""]) => codes.split(",").map(Number));
  const all = [...ROWS.map(({ code }) => code), 1, 125, 126, 127];
  assertEquals(read(job).toSorted(), all.toSorted());
  assert(read(pod).every((code) => all.includes(code)));
});
