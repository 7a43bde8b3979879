/** What a case is: a container, what is done to it, and what must come of it. */
import type { Container } from "./container.ts";

/** What must come of it. */
export type Expectation =
  /** The container ends by what is done, with this exit code. */
  | {
    readonly kind: "ends";
    readonly code: number;
    /** Whether the engine came to its own end (`drains`), or was killed; unset where there is none. */
    readonly engine?: "drains" | "is killed";
    /** It may not take less than this, ms: a grace that is kept. */
    readonly atLeastMs?: number;
  }
  /** Another engine serves, and `podman stop` then ends the container with 0. */
  | { readonly kind: "recovers" }
  /** The same engine serves on, and `podman stop` then ends the container with 0. */
  | { readonly kind: "serves on" };

/** One row of the table. */
export interface Case {
  readonly name: string;
  /** Options of `podman run`. */
  readonly options?: readonly string[];
  /** Variables; a function gets the engine's port. */
  readonly env?:
    | Readonly<Record<string, string>>
    | ((port: number) => Readonly<Record<string, string>>);
  /** Arguments of the stand-in engine; two workers by default. */
  readonly engine?: readonly string[];
  /** The whole command instead. */
  readonly command?: (port: number) => readonly string[];
  /** Whether an engine answers before anything is done; it does by default. */
  readonly isServed?: boolean;
  /** What is done to it; nothing by default: it ends by itself. */
  readonly act?: (container: Container) => Promise<unknown>;
  readonly then: Expectation;
  /** More that must be so while it serves, after what was done; throws where it is not. */
  readonly check?: (container: Container) => Promise<void>;
}

/** The stand-in engine as a command in the container. */
export function engineCommand(
  port: number,
  options: readonly string[] = ["--workers", "2"],
  script = "engine.py",
): string[] {
  const command = ["python3", `/fixtures/${script}`, "--port", `${port}`];
  return [...command, "--record", "/record/events", ...options];
}
