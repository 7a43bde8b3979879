/** Why supervisord did not do what it was told. */
export interface OrderFailure {
  /** In its words. */
  readonly text: string;
  /** Whether the command itself is at fault, which is then looked up in vain every time. */
  readonly isHopeless: boolean;
  /** Whether an operator was faster, and the process is already as it should be. */
  readonly isMoot?: boolean;
}
