/**
 * Every text that can reach a person as a warning, an error or the reason of an end, read from the sources.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- only tests need it
import ts from "npm:typescript@^5.8.0";
import { ROOT } from "./run.ts";
import { type PrintedText, TextFlow } from "./text_flow.ts";

/** Reads TypeScript files for the compiler, without the types of Deno unless a file of them is among these. */
export function createProgram(paths: readonly string[]): ts.Program {
  return ts.createProgram(paths, {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    lib: ["lib.esnext.d.ts"],
    types: [],
  });
}

/** The sources of the program, less their tests. */
export function listSources(directory = `${ROOT}/src`): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    if (isDirectory) return listSources(path);
    return name.endsWith(".ts") && !name.endsWith("_test.ts") ? [path] : [];
  });
}

/**
 * Reads what can be printed.
 *
 * @returns Every text of three words or more, each once.
 */
export function readPrintedTexts(): PrintedText[] {
  const paths = [...listSources(), `${ROOT}/cli.ts`, `${ROOT}/generate_config.ts`];
  const program = createProgram(paths);
  const files = program.getSourceFiles().filter(({ fileName }) => paths.includes(fileName));
  return new TextFlow(program, files).texts;
}
