import { assertEquals } from "@std/assert";
import { ATTACHED } from "../containers/attached.ts";
import { CONFINEMENT } from "../containers/cases/confinement.ts";
import { CRASHES, INITS } from "../containers/cases/crashes.ts";
import { exampleCase, EXAMPLES } from "../containers/cases/examples.ts";
import { LIMITS } from "../containers/cases/limits.ts";
import { LOGS } from "../containers/cases/logs.ts";
import { STOPS } from "../containers/cases/stops.ts";
import { ROOT } from "../support/run.ts";

/** The first cells of the tables in docs/containers.md that the suite has written. */
function readRows(): string[] {
  const text = Deno.readTextFileSync(`${ROOT}/docs/containers.md`);
  const tables = text.slice(text.indexOf("<!-- containers -->"));
  return [...tables.matchAll(/^\| ((?:[^|\\]|\\.)+?) +\|/gm)].map(([, cell = ""]) => cell)
    .filter((cell) => cell !== "what" && !/^-+$/.test(cell));
}

Deno.test("docs/containers.md has a row for each case of the container suite, and no other", () => {
  const cases = [...STOPS, ...CRASHES, ...INITS, ...CONFINEMENT, ...LIMITS, ...LOGS, ...ATTACHED]
    .concat(EXAMPLES.map(exampleCase));
  const names = cases.map(({ name }) => name.replaceAll("|", "\\|"));
  names.push("`podman kube play` of examples/kubernetes/deployment.yaml; a crash");
  assertEquals(readRows().sort(), names.sort());
});

Deno.test("docs/containers.md names every Dockerfile of the examples", () => {
  const text = Deno.readTextFileSync(`${ROOT}/docs/containers.md`);
  const files = [...Deno.readDirSync(`${ROOT}/examples/docker`)].map(({ name }) => name);
  assertEquals(files.filter((name) => !text.includes(`\`${name}\``)), []);
});
