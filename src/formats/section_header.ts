/**
 * Headers of supervisord's sections that hold programs.
 *
 * @module
 */

/** The kinds of sections whose processes supervisord runs. */
export type ProgramKind = "program" | "eventlistener" | "fcgi-program";

/** A program's header, taken apart. */
export interface ProgramHeader {
  /** What kind of program it is. */
  readonly kind: ProgramKind;
  /** Its name. */
  readonly name: string;
}

const PROGRAM = /^(program|eventlistener|fcgi-program):(.*)$/s;

/** Takes a header apart. */
export function parseProgramHeader(header: string): ProgramHeader | undefined {
  const [, kind, name] = PROGRAM.exec(header) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as ProgramKind, name };
}

/** Tells whether supervisord can address a program by a name, in its file and for supervisorctl. */
export function isProgramName(name: string): boolean {
  return /^[^\s\p{C}[\]:/%;#=,]+$/u.test(name);
}
