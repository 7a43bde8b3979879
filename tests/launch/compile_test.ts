import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../support/run.ts";

// cli.ts loads most of itself when it runs. `deno compile` leaves out what it cannot reach that way and ends with 0;
// so cli.ts names what lies outside this project, and a build without it fails.

/** What `src/` imports that is not in it, tests aside. */
function findOutside(): string[] {
  const outside = new Set<string>();
  for (const room of Deno.readDirSync(`${ROOT}/src`)) {
    for (const { name } of Deno.readDirSync(`${ROOT}/src/${room.name}`)) {
      if (name.endsWith("_test.ts")) continue;
      const text = Deno.readTextFileSync(`${ROOT}/src/${room.name}/${name}`);
      const code = text.replaceAll(/^\s*(\/?\*|\/\/).*$/gm, "");
      for (const [, specifier = ""] of code.matchAll(/(?:\bfrom|\bimport\(?)\s*"([^".][^"]*)"/g)) {
        if (!specifier.startsWith("node:")) outside.add(specifier);
      }
    }
  }
  return [...outside].sort();
}

Deno.test("cli.ts names every module from outside the project", () => {
  const text = Deno.readTextFileSync(`${ROOT}/cli.ts`);
  const named = [...text.matchAll(/^import "([^"]+)";$/gm)].map(([, specifier = ""]) => specifier);
  assertEquals(named.sort(), findOutside());
});

Deno.test("deno compile cli.ts fails where a module cannot be reached", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "compile-test-" });
  try {
    const unreachable = "http://127.0.0.1:1/unreachable.ts";
    for (const specifier of findOutside()) {
      const imports = {
        ...Object.fromEntries(findOutside().map((name) => [name, `${directory}/any.ts`])),
        [specifier]: unreachable,
      };
      Deno.writeTextFileSync(`${directory}/any.ts`, "export const parseArgs = 0, stringify = 0;\n");
      Deno.writeTextFileSync(`${directory}/map.json`, JSON.stringify({ imports }));
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["compile", "--quiet", "--no-check", "-A", `--import-map=${directory}/map.json`],
          ...["--output", `${directory}/program`, `${ROOT}/cli.ts`],
        ],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).output();
      const text = new TextDecoder().decode(stderr);
      assertEquals(code, 1, `${specifier}: ${text}`);
      assert(text.includes(unreachable), `${specifier}: ${text}`);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
