import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { listPublished, makePackage } from "../../scripts/package.ts";
import { VERSION } from "../../src/configuration/version.ts";
import { itUnless } from "../support/needs.ts";
import { ROOT } from "../support/run.ts";

// What JSR gets, as far as that can be seen without it.

const IMPORTS = Deno.env.get("DENO_IMPORTS") ?? "";

async function deno(args: readonly string[], cwd: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

it("the package imports nothing outside the published files", async () => {
  const published = new Set(listPublished());
  for (const entry of ["mod.ts", "cli.ts", "generate_config.ts"]) {
    const { text } = await deno(
      ["info", "--json", ...IMPORTS.split(" ").filter((word) => word !== ""), entry],
      ROOT,
    );
    const { modules } = JSON.parse(text.slice(text.indexOf("{")));
    const specifiers: string[] = modules.map(({ specifier }: { specifier: string }) => specifier);
    // What benches and tests take from npm must not get into the package.
    const foreign = specifiers.filter((specifier) =>
      !/^(file|node):|\/@std\/|^npm:\/deno-std@/.test(specifier)
    );
    assertEquals(foreign, [], entry);
    const outside = specifiers
      .filter((specifier) => specifier.startsWith("file:"))
      .map((specifier) => specifier.slice(`file://${ROOT}/`.length))
      .filter((path) => !published.has(path) && !path.startsWith(".ci/"));
    assertEquals(outside, [], entry);
    assert(modules.length > 50, entry);
  }
});

/** Why nothing can be bundled here: deno bundle downloads what it works with the first time. */
async function findBundleProblem(): Promise<string | undefined> {
  const directory = Deno.makeTempDirSync({ prefix: "bundle-test-" });
  try {
    Deno.writeTextFileSync(`${directory}/in.ts`, "console.log(1);\n");
    const { code } = await deno(["bundle", "--quiet", "-o", "out.js", "in.ts"], directory);
    return code === 0 ? undefined : "needs what deno bundle downloads from npm";
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

itUnless(await findBundleProblem())(
  "deno publish has nothing to say against the package, and its cli.js runs",
  async () => {
    const parent = Deno.makeTempDirSync({ prefix: "package-test-" });
    const directory = `${parent}/jsr`;
    try {
      makePackage(directory, IMPORTS);
      const { code, text } = await deno(["publish", "--dry-run", "--allow-dirty"], directory);
      assertEquals(code, 0, text);
      assert(text.includes(`@model-hosting/standard-supervisor@${VERSION}`), text);
      assert(!/^(warning|error)\b/m.test(text), text);
      for (const path of listPublished()) assert(text.includes(`/${path} (`), path);
      assert(!text.includes("_test.ts"), text);
      const ran = await deno(["run", "--no-config", "cli.js", "--version"], directory);
      assertEquals(ran.text, `standard-supervisor ${VERSION} (Deno ${Deno.version.deno})\n`);
    } finally {
      Deno.removeSync(parent, { recursive: true });
    }
  },
);
