/**
 * Durations for people.
 *
 * @module
 */

/**
 * Renders a duration with its two largest units.
 *
 * @param ms The duration, ms.
 * @returns Text such as `0.4 s`, `12 s`, `3 min 20 s`, `5 h 2 min`, `2 d 4 h`.
 */
export function renderDuration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const secs = Math.round(ms / 1000);
  const units = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]] as const;
  const at = units.findIndex(([size]) => secs >= size);
  const [size, name] = units[at] ?? [1, "s"];
  const [rest, restName] = units[at + 1] ?? [0, ""];
  const head = `${Math.floor(secs / size)} ${name}`;
  const more = rest === 0 ? 0 : Math.floor((secs % size) / rest);
  return more === 0 ? head : `${head} ${more} ${restName}`;
}
