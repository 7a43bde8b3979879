/**
 * The names of the events that the log tells of, in its JSON as `event`: one table, which yields the type
 * and the reference in `docs/`.
 *
 * @module
 */

/** Every name, and what it says. A name is never given another meaning. */
export const LOG_EVENTS = {
  configuration_error: "The environment asks for what cannot be; nothing was started.",
  permission_missing: "Deno does not permit what the run cannot do without; nothing was started.",
  installing: "What the model needs is being installed.",
  installed: "It is installed.",
  supervisord_spawned: "supervisord runs.",
  supervisord_said: "supervisord's own log says something.",
  started: "A managed process counts as started.",
  recovered: "It counts as started again after a death.",
  probe: "The engine's probe gives another answer than before.",
  unhealthy: "A managed process hangs, or is not ready in time: it is being stopped.",
  died: "A managed process ended, and comes again: how, why, which attempt, and when.",
  swept: "What it left behind was killed.",
  cleaned: "Files that a dead run left behind were removed.",
  evidence: "What was seen of an engine that hangs was kept in a file.",
  halted: "Somebody stopped a managed process by hand.",
  stopping: "Everything is being stopped.",
  told: "Processes got their stop signal.",
  killing: "Everything is being killed.",
  progress: "Something takes long and goes on.",
  exit: "Everything has ended, and this is the exit code.",
  note: "Anything else; the message says it.",
} as const;

/** One of {@linkcode LOG_EVENTS}. */
export type LogEventName = keyof typeof LOG_EVENTS;
