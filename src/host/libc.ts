/**
 * The few system calls that Deno has no API for, through its foreign function interface.
 *
 * Permissions: `--allow-ffi`. Without it {@linkcode openLibc} answers `undefined`, and each caller has
 * a slower or poorer way.
 *
 * @module
 */

const SYMBOLS = {
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  mmap: {
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"],
    result: "pointer",
  },
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64"], result: "i64" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
} as const;

/** The C library's calls. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const NAMES = ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

let opened: Libc | undefined;

/**
 * Opens the C library, once a process: Deno takes some milliseconds for it.
 *
 * @returns Its calls; `undefined` where FFI is not permitted or no C library is found.
 */
export function openLibc(): Libc | undefined {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  opened ??= loadLibc();
  return opened;
}

function loadLibc(): Libc | undefined {
  for (const name of NAMES) {
    try {
      return Deno.dlopen(name, SYMBOLS).symbols;
    } catch { /* Another C library, or none. */ }
  }
  return undefined;
}

/** Makes C strings: NUL-terminated, kept alive as long as the array lives. */
export function encodeCStrings(texts: readonly string[]): Uint8Array<ArrayBuffer>[] {
  return texts.map((text) => new TextEncoder().encode(`${text}\0`));
}

/** Makes a NULL-terminated array of pointers to C strings, for `execvp` and `execve`. */
export function encodePointers(
  strings: readonly Uint8Array<ArrayBuffer>[],
): BigUint64Array<ArrayBuffer> {
  const pointers = new BigUint64Array(strings.length + 1);
  strings.forEach((string, index) => {
    pointers[index] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(string)));
  });
  return pointers;
}
