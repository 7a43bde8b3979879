/**
 * What a URL leads to, as Deno's permissions name it.
 *
 * @module
 */

/** Finds what Deno wants to be named to let a URL be asked. */
export function findNetHost(url: string): string {
  const parts = new URL(url);
  return `${parts.hostname}:${findPort(parts)}`;
}

/** Finds the port that a URL leads to, its scheme's where it names none. */
export function findPort({ port, protocol }: URL): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}
