/**
 * Writes what an executable is made of as CycloneDX JSON: `deno info --json cli.ts | deno run
 * --allow-read scripts/write_sbom.ts DENO_VERSION`. scripts/build.sh calls it.
 *
 * @see https://cyclonedx.org/docs/1.5/json/
 * @module
 */
import { VERSION } from "../src/configuration/version.ts";

/** What of `deno info --json` is read. */
export interface ModuleGraph {
  readonly modules: readonly { readonly specifier: string }[];
}

/** One thing an executable is made of. */
interface Component {
  readonly type: "library" | "platform" | "application";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license: Readonly<Record<string, string>> }[];
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
}

/** Everything from JSR and npm that is in use is Deno's standard library, or the same code under another name. */
const MIT = [{ license: { id: "MIT" } }];

/** `@std/ini@1.0.0` of a module's address, in JSR's own writing and its registry's, and in npm's. */
const PACKAGE = /^(?:(jsr|npm):\/?|https:\/\/[^/]+\/)(@[\w-]+\/[\w-]+|[\w-]+)[@/](\d[^/]*)/;

function findPackages({ modules }: ModuleGraph): Component[] {
  const found = new Map<string, Component>();
  for (const { specifier } of modules) {
    const [, registry = "jsr", name = "", version = ""] = PACKAGE.exec(specifier) ?? [];
    if (name === "") continue;
    const purl = registry === "npm"
      ? `pkg:npm/${name.replace("@", "%40")}@${version}`
      : `pkg:generic/${name.replace("@", "%40")}@${version}`;
    found.set(purl, { type: "library", name, version, purl, licenses: MIT });
  }
  return [...found.values()].sort((a, b) => a.purl < b.purl ? -1 : 1);
}

/**
 * Renders the list of what an executable is made of. Two builds of the same yield the same text.
 *
 * @param graph The modules.
 * @param denoVersion The version of Deno's runtime in it.
 * @param wheel The line of scripts/supervisor_wheel.txt that names supervisord and its hash.
 * @returns CycloneDX JSON.
 * @throws {TypeError} If the line names none.
 */
export function renderSbom(graph: ModuleGraph, denoVersion: string, wheel: string): string {
  const [, version = "", content = ""] =
    /^supervisor==(\S+) --hash=sha256:([0-9a-f]{64})$/m.exec(wheel) ?? [];
  if (content === "") throw new TypeError("Cannot find supervisord and its hash in the list");
  const components: Component[] = [
    {
      type: "platform",
      name: "deno",
      version: denoVersion,
      purl: `pkg:github/denoland/deno@v${denoVersion}`,
      licenses: MIT,
    },
    {
      type: "application",
      name: "supervisor",
      version,
      purl: `pkg:pypi/supervisor@${version}`,
      licenses: [{ license: { name: "BSD-derived (supervisord/LICENSES.txt)" } }],
      hashes: [{ alg: "SHA-256", content }],
    },
    ...findPackages(graph),
  ];
  const own = {
    type: "application",
    name: "standard-supervisor",
    version: VERSION,
    licenses: [{ license: { id: "Apache-2.0" } }],
  };
  return JSON.stringify(
    {
      $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      version: 1,
      metadata: { component: own },
      components,
    },
    undefined,
    2,
  ) + "\n";
}

if (import.meta.main) {
  const [denoVersion = ""] = Deno.args;
  const graph: ModuleGraph = JSON.parse(await new Response(Deno.stdin.readable).text());
  const wheel = Deno.readTextFileSync(new URL("supervisor_wheel.txt", import.meta.url));
  Deno.stdout.writeSync(new TextEncoder().encode(renderSbom(graph, denoVersion, wheel)));
}
