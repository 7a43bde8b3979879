/**
 * What a URL leads to, as Deno's permissions name it.
 *
 * @module
 */

/**
 * Finds what Deno wants to be named to let a URL be asked.
 *
 * @param url An `http:`, `https:` or `tcp:` URL.
 * @returns `host:port`.
 */
export function findNetHost(url: string): string {
  const parts = new URL(url);
  return `${parts.hostname}:${findPort(parts)}`;
}

/**
 * Finds the port that a URL leads to, its scheme's where it names none.
 *
 * @param url An `http:`, `https:` or `tcp:` URL.
 * @returns The port.
 */
export function findPort({ port, protocol }: URL): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}
