/**
 * What `--status`, `--health` and `--ready` are asked with.
 *
 * @module
 */

/** What is to be told of a running instance. */
export type StatusRequest =
  | {
    readonly kind: "status";
    /** Whether to print JSON. */
    readonly isJson: boolean;
    /** Whether to follow it to its end. */
    readonly watches: boolean;
  }
  | { readonly kind: "health" }
  | { readonly kind: "ready" };

/** Arguments that make no sense. */
export interface StatusMisuse {
  readonly kind: "misuse";
  readonly text: string;
  readonly code: 2;
}

const KINDS = ["--status", "--health", "--ready"];

/** Whether arguments ask for the status of a running instance: before any command. */
export function isStatus(args: readonly string[]): boolean {
  const end = args.findIndex((arg) => arg === "--" || !arg.startsWith("-"));
  return args.slice(0, end < 0 ? args.length : end).some((arg) => KINDS.includes(arg));
}

/** Parses the arguments of `--status [--json] [--watch]`, `--health` and `--ready`. */
export function parseStatus(args: readonly string[]): StatusRequest | StatusMisuse {
  const misuse = (text: string): StatusMisuse => ({ kind: "misuse", text, code: 2 });
  const [kind, other] = new Set(args.filter((arg) => KINDS.includes(arg)));
  if (kind === undefined || other !== undefined) {
    return misuse(`Cannot do both ${kind} and ${other}: ask for one of them`);
  }
  const rest = args.filter((arg) => arg !== kind);
  const known = kind === "--status" ? ["--json", "--watch"] : [];
  const unknown = rest.find((arg) => !known.includes(arg));
  if (unknown !== undefined) {
    const shown = unknown.startsWith("--") ? unknown.replace(/=.*/s, "") : "another argument";
    const takes = known.length === 0 ? "nothing" : known.join(" and ");
    return misuse(`Cannot understand ${shown} with ${kind}: it takes ${takes}`);
  }
  if (kind === "--health") return { kind: "health" };
  if (kind === "--ready") return { kind: "ready" };
  return { kind: "status", isJson: rest.includes("--json"), watches: rest.includes("--watch") };
}
