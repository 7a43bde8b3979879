/** What takes part in the comparison: a way to run one engine, and how it is started. */
import { quoteArgument } from "../../src/formats/quote_command.ts";
import { Run, type RunOptions } from "../../tests/support/run.ts";

/** One engine that a contender shall keep running. */
export interface Service {
  /** The engine's command. */
  readonly engine: readonly string[];
  /** Failed starts in a row that may be retried; `undefined`: what the contender does by itself. */
  readonly retries?: number | undefined;
}

/** How long every contender is told to let the engine drain, s. */
export const GRACE_SECS = 30;

/** A command, and the variables that it needs. */
export interface Definition {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One that is here and can be run. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  /** Whether the stated bounds are for it. */
  readonly isOurs?: boolean;
  /** `init`: starts and stops one command and restarts nothing. `floor`: what a start is compared with. */
  readonly kind: "supervisor" | "init" | "floor";
  /**
   * Writes its service definition.
   *
   * @param service What to run.
   * @param directory A directory of the run's own, for its files.
   */
  readonly define: (service: Service, directory: string) => Definition;
  /** Does something to a run until it is disposed of. */
  readonly accompany?: (run: Run) => Disposable;
}

/** Where a contender comes from. */
export interface Source {
  /** The name, for when it is not here. */
  readonly name: string;
  /**
   * Finds or installs it.
   *
   * @param mayInstall Whether the machine's own package manager may be used.
   * @returns It, or why it cannot be had.
   */
  readonly find: (mayInstall: boolean) => Promise<Contender | string>;
}

/**
 * Runs an engine under a contender.
 *
 * @param contender Which.
 * @param service The engine; it may name files in the run's directory.
 * @param options A wrapper, variables.
 * @returns The run; dispose of it.
 */
export function start(
  contender: Contender,
  service: (directory: string) => Service,
  options: Partial<RunOptions> = {},
): Run {
  let definition: Definition | undefined;
  return new Run({
    args: [],
    ...options,
    command: (directory) => {
      definition = contender.define(service(directory), directory);
      return definition.command;
    },
    env: (directory) => ({ TMPDIR: `${directory}/tmp`, ...definition?.env }),
  });
}

/** Writes a file that can be executed. */
export function writeScript(path: string, lines: readonly string[]): void {
  Deno.writeTextFileSync(path, `${["#!/bin/sh", ...lines].join("\n")}\n`);
  Deno.chmodSync(path, 0o755);
}

/** @returns A command as a shell, or Python's shlex, reads it. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteArgument).join(" ");
}
