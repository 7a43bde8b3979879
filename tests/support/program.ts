/** Which program is under test: `deno run cli.ts`, or an executable that scripts/build.sh has made. */

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/**
 * The executable that `TEST_PROGRAM` names, to test in place of `deno run cli.ts`; `undefined` where none is.
 * A path that is not absolute is one of the repository's.
 */
export const TEST_PROGRAM: string | undefined = findTestProgram(Deno.env.get("TEST_PROGRAM") ?? "");

function findTestProgram(path: string): string | undefined {
  if (path === "") return undefined;
  const absolute = path.startsWith("/") ? path : `${ROOT}/${path}`;
  Deno.statSync(absolute); // Nothing may pass because nothing was run.
  return absolute;
}

/** What scripts/build.sh makes, unless another executable is under test. */
export const BUILT_PROGRAM: string = TEST_PROGRAM ?? `${ROOT}/dist/standard-supervisor`;

/** Why a test of the executable cannot run; `undefined` where it is there. */
export const BUILT_PROBLEM: string | undefined = exists(BUILT_PROGRAM)
  ? undefined
  : "needs dist/standard-supervisor: scripts/build.sh";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Why a test of Deno's own permission flags cannot run; `undefined` where it can. */
export const FLAGS_PROBLEM: string | undefined = TEST_PROGRAM === undefined
  ? undefined
  : "needs deno run: the permissions of an executable are baked in";
