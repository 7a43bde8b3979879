/**
 * `main()` with all that a supervised run needs before supervisord is spawned, so that Deno loads it at once:
 * step by step, as it is asked for, takes some 5 ms longer.
 *
 * @module
 */
import "../launch/launch.ts";
import "../supervise/supervise.ts";
export { main } from "./main.ts";
