/**
 * Finds promises that nothing waits for and whose rejection nothing catches: one would end the program.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- only tests need it
import ts from "npm:typescript@^5.8.0";
import { createProgram } from "./printed_messages.ts";
import { ROOT } from "./run.ts";

/** Finds them in TypeScript files, each as `path:line text`. */
export function findFloatingPromises(paths: readonly string[]): string[] {
  const types = Deno.makeTempFileSync({ suffix: ".d.ts" });
  try {
    // Without them, what Deno's own calls return is unknown, and so never a promise.
    const { stdout } = new Deno.Command(Deno.execPath(), { args: ["types"] }).outputSync();
    Deno.writeFileSync(types, stdout);
    return findIn(createProgram([...paths, types]), paths);
  } finally {
    Deno.removeSync(types);
  }
}

function findIn(program: ts.Program, paths: readonly string[]): string[] {
  const checker = program.getTypeChecker();
  const isPromise = (node: ts.Node) =>
    checker.getPropertyOfType(checker.getTypeAtLocation(node), "then") !== undefined;
  const found: string[] = [];
  for (const file of program.getSourceFiles()) {
    if (!paths.includes(file.fileName)) continue;
    const visit = (node: ts.Node): void => {
      const isFloating = ts.isExpressionStatement(node)
        ? isDropped(node.expression) && isPromise(node.expression)
        : ts.isCallExpression(node) && /^set(Timeout|Interval)$/.test(node.expression.getText()) &&
          node.arguments[0]?.getText().startsWith("async ");
      if (isFloating) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file.fileName.replace(`${ROOT}/`, "")}:${line + 1} ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

/** Whether the value of an expression statement is neither awaited, kept nor caught. */
function isDropped(expression: ts.Expression): boolean {
  if (ts.isAwaitExpression(expression) || ts.isBinaryExpression(expression)) return false;
  return !(ts.isCallExpression(expression) &&
    ts.isPropertyAccessExpression(expression.expression) &&
    expression.expression.name.text === "catch");
}
