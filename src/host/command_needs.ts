/** What a command of ours runs with. */
export interface CommandNeeds {
  /** Its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether that comes on top of our own, values that are not UTF-8 included. */
  readonly inheritsEnv: boolean;
  /** Takes its pid while it runs, so that the reaper leaves it alone. */
  readonly ownChildren: Set<number>;
}
