/**
 * How known servers are kept in the foreground, where their supervisor can see them.
 *
 * @module
 */

/** One server: how its executable is called, and what to tell who runs it. Source: each one's manual. */
interface Server {
  readonly executable: RegExp;
  readonly hint: string;
}

const SERVERS: readonly Server[] = [
  { executable: /^nginx$/, hint: `nginx -g 'daemon off;'` },
  { executable: /^gunicorn\d?$/, hint: "gunicorn without --daemon (-D, daemon = True)" },
  { executable: /^torchserve$/, hint: "torchserve --start --foreground" },
  { executable: /^ray$/, hint: "ray start --block" },
  { executable: /^(httpd|apache2)$/, hint: "-D FOREGROUND" },
  { executable: /^(apachectl|apache2ctl)$/, hint: "apachectl -D FOREGROUND" },
  { executable: /^redis-server$/, hint: "redis-server --daemonize no" },
  { executable: /^uwsgi$/, hint: "uwsgi without --daemonize" },
  { executable: /^haproxy$/, hint: "haproxy without -D (daemon)" },
  { executable: /^memcached$/, hint: "memcached without -d" },
  { executable: /^mongod$/, hint: "mongod without --fork" },
  { executable: /^php-fpm[\d.]*$/, hint: "php-fpm -F" },
];

/** So many words are looked at: what stands further back is an argument, as `ray` is of vLLM's. */
const WRAPPERS = 4;

/**
 * Tells how to keep a command in the foreground.
 *
 * @example
 * ```ts
 * import { findForegroundHint } from "./foreground.ts";
 *
 * console.log(findForegroundHint(["/usr/sbin/nginx"])); // nginx -g 'daemon off;'
 * ```
 */
export function findForegroundHint(argv: readonly string[]): string | undefined {
  for (const word of argv.slice(0, WRAPPERS)) {
    const name = word.slice(word.lastIndexOf("/") + 1);
    const server = SERVERS.find(({ executable }) => executable.test(name));
    if (server !== undefined) return server.hint;
  }
  return undefined;
}
