/**
 * Makes dist/jsr/, what JSR gets: the published sources, and `cli.js`, one file in place of the hundred that
 * `deno run jsr:…/cli` would load one by one. Then `deno publish` in that directory.
 *
 *     deno run -A scripts/package.ts [DIRECTORY]
 *
 * Where `DENO_IMPORTS` names the import map for a closed network, the modules that it maps to are taken along:
 * that package is good for a dry run, and for nothing else.
 *
 * @module
 */
import { VERSION } from "../src/configuration/version.ts";

const ROOT = new URL("../", import.meta.url);

/** What of deno.json matters to JSR. */
export interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, boolean>>;
  readonly publish: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/** What the bundle must say of itself. */
const HEADER = `#!/usr/bin/env -S deno run -A
// @ts-self-types="./cli.d.ts"
// Made of cli.ts and src/ of this package by scripts/package.ts: read those. It contains parts of @std/cli and
// @std/ini, Copyright 2018-2026 the Deno authors, MIT licence.
`;

/** Where the modules lie that stand in for others on a closed network. */
const CLOSED = "closed/";

/**
 * Renders the package's own deno.json.
 *
 * @param manifest The repository's.
 * @param version The version.
 * @param closedImports Imports for a closed network, where it is for one.
 * @returns Its text.
 */
export function renderManifest(
  { name, license, exports, imports, compilerOptions, publish }: Manifest,
  version: string,
  closedImports?: Readonly<Record<string, string>>,
): string {
  const added = ["cli.js", "cli.d.ts", ...(closedImports === undefined ? [] : [`${CLOSED}*`])];
  const manifest = {
    ...{ name, version, license },
    exports: { ...exports, "./cli": "./cli.js" },
    imports: closedImports ?? imports,
    compilerOptions,
    publish: { ...publish, include: [...publish.include, ...added] },
  };
  return JSON.stringify(manifest, undefined, 2) + "\n";
}

/** The files of the package that are in the repository, below its root. */
export function listPublished(): string[] {
  const manifest: Manifest = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const files = manifest.publish.include.filter((path) => !path.includes("*"));
  const walk = (directory: string): string[] =>
    [...Deno.readDirSync(new URL(directory, ROOT))].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(`${directory}${name}/`) : [`${directory}${name}`]
    );
  return [...files, ...walk("src/").filter((path) => !path.endsWith("_test.ts"))].sort();
}

/**
 * Makes the links of a document lead to the repository, since JSR shows README.md alone.
 *
 * @param text Markdown.
 * @param base The address of the repository's root at this version, with a slash at its end.
 * @returns It, with links to files made absolute.
 */
export function makeLinksAbsolute(text: string, base: string): string {
  return text.replaceAll(/\]\((?!https?:\/\/|#)([^)\s]+)\)/g, (_, link) => `](${base}${link})`);
}

/** Where GitHub shows the files of the version that a workflow publishes; `undefined` elsewhere. */
function findBase(): string | undefined {
  const read = (name: string) => Deno.env.get(`GITHUB_${name}`) ?? "";
  const [server, repository] = [read("SERVER_URL"), read("REPOSITORY")];
  return server === "" || repository === ""
    ? undefined
    : `${server}/${repository}/blob/v${VERSION}/`;
}

function bundle(output: string, options: readonly string[]): void {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", ...options, "--platform", "deno", "--output", output, "cli.ts"],
    cwd: ROOT,
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const text = Deno.readTextFileSync(output).replace(/^#!.*\n/, "");
  Deno.writeTextFileSync(output, HEADER + text);
}

/** Copies the modules of a closed network, and tells the imports that name them. */
function takeClosed(map: string, directory: string): Record<string, string> {
  const url = new URL(map, ROOT);
  const { imports } = JSON.parse(Deno.readTextFileSync(url));
  Deno.mkdirSync(`${directory}/${CLOSED}`);
  return Object.fromEntries(
    Object.entries<string>(imports).filter(([, target]) => !target.startsWith("../"))
      .map(([name, target]) => {
        if (!target.startsWith("./")) return [name, target];
        Deno.copyFileSync(new URL(target, url), `${directory}/${CLOSED}${target.slice(2)}`);
        return [name, `./${CLOSED}${target.slice(2)}`];
      }),
  );
}

/**
 * Makes the package.
 *
 * @param directory Where; it must not be there yet.
 * @param denoImports What `DENO_IMPORTS` says.
 */
export function makePackage(directory: string, denoImports: string): void {
  Deno.mkdirSync(directory, { recursive: true });
  for (const path of listPublished()) {
    const target = `${directory}/${path}`;
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (path !== "deno.json") Deno.copyFileSync(new URL(path, ROOT), target);
  }
  const base = findBase();
  if (base !== undefined) {
    const readme = `${directory}/README.md`;
    Deno.writeTextFileSync(readme, makeLinksAbsolute(Deno.readTextFileSync(readme), base));
  }
  const options = denoImports.split(" ").filter((word) => word !== "");
  bundle(`${directory}/cli.js`, options);
  Deno.writeTextFileSync(`${directory}/cli.d.ts`, "export {};\n");
  const map = options.find((word) => word.startsWith("--import-map="))?.slice(
    "--import-map=".length,
  );
  const closed = map === undefined ? undefined : takeClosed(map, directory);
  const manifest: Manifest = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  Deno.writeTextFileSync(`${directory}/deno.json`, renderManifest(manifest, VERSION, closed));
}

if (import.meta.main) {
  const [directory = new URL("dist/jsr", ROOT).pathname] = Deno.args;
  try {
    Deno.removeSync(directory, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  makePackage(directory, Deno.env.get("DENO_IMPORTS") ?? "");
}
