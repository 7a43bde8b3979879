/**
 * What tells the processes of one instance from all others: a variable that they inherit.
 *
 * @module
 */

/** A marker. */
export interface InstanceMarker {
  /** The variable's name. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
  /** The variable, to add to an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `NAME=value`, as it stands in `/proc/<pid>/environ`. */
  readonly assignment: string;
}

/** Makes a marker that no other instance has. */
export function createInstanceMarker(): InstanceMarker {
  const [name, value] = ["STANDARD_SUPERVISOR_INSTANCE", crypto.randomUUID()];
  return { name, value, env: { [name]: value }, assignment: `${name}=${value}` };
}
