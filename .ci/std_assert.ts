// Stands in for @std/assert where JSR cannot be reached. npm's deno-std does the work, but it is JavaScript, of
// which the compiler believes anything; so here are the real types, as strict as @std/assert 1.x has them.
import * as std from "deno-std/assert/mod.js";

/** Throws unless the value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  std.assert(expr, msg);
}

/** Throws unless both are deeply equal; `T` comes from both, and neither may be wider than the other allows. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  std.assertEquals(actual, expected, msg);
}

/** Throws unless one text holds the other. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  std.assertStringIncludes(actual, expected, msg);
}

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Throws unless `fn` throws an error of a class, with a text in its message where one is given. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any -- as the real one
  ErrorClass: new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...rest: unknown[]): unknown {
  return std.assertThrows(fn, ...rest);
}

/** Rejects unless `fn` rejects with an error of a class, with a text in its message where one is given. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- as the real one
  ErrorClass: new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E> {
  return std.assertRejects(fn, ErrorClass, msgIncludes, msg);
}
