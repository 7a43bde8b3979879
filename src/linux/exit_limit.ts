/**
 * A limit to how long Deno may take to exit: with `OTEL_DENO=true` it sends what telemetry is left then, and
 * waits for the collector without a limit. Seen to wait indefinitely where that was quick, too.
 *
 * Permissions: `--allow-ffi`.
 *
 * @see https://github.com/denoland/deno/issues/33157
 * @module
 */
import { openSymbols } from "./libc.ts";

const SYMBOLS = {
  _exit: { type: "pointer" },
  // Deno.UnsafePointer would tell this only where all of FFI is permitted.
  findAddress: { name: "memcpy", parameters: ["pointer", "pointer", "usize"], result: "usize" },
  timer_create: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  timer_settime: { parameters: ["usize", "i32", "buffer", "pointer"], result: "i32" },
} as const;

const CLOCK_MONOTONIC = 1;

/** A function is called in a thread of its own. */
const SIGEV_THREAD = 2;

/** `struct sigevent`: sigev_value, sigev_signo, sigev_notify, sigev_notify_function. */
const SIGEVENT = { bytes: 64, value: 0, notify: 12, function: 16 } as const;

/**
 * Has the C library end this process once a time is over, though no JavaScript runs any more; not without
 * FFI, nor with a glibc older than 2.34.
 *
 * @see https://man7.org/linux/man-pages/man7/sigevent.7.html
 */
export function limitExit(code: number, limitMs: number): void {
  const libc = openSymbols(SYMBOLS);
  if (libc === undefined) return;
  const event = new DataView(new ArrayBuffer(SIGEVENT.bytes));
  event.setInt32(SIGEVENT.value, code, true);
  event.setInt32(SIGEVENT.notify, SIGEV_THREAD, true);
  event.setBigUint64(SIGEVENT.function, libc.findAddress(libc._exit, libc._exit, 0n), true);
  const timer = new BigUint64Array(1);
  if (libc.timer_create(CLOCK_MONOTONIC, event, timer) !== 0) return;
  const limitNs = BigInt(limitMs) * 1_000_000n;
  // it_interval: never again; it_value.
  const times = new BigInt64Array([0n, 0n, limitNs / 1_000_000_000n, limitNs % 1_000_000_000n]);
  libc.timer_settime(timer[0]!, 0, times, null);
}
