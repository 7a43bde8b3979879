/**
 * The few system calls that Deno has no API for, through its foreign function interface.
 *
 * Permissions: `--allow-ffi`, or of the library's whole path. Without it {@linkcode openLibc} answers `undefined`, and each caller has
 * a slower or poorer way.
 *
 * @module
 */
import { isGranted } from "../host/ask_permission.ts";

const SYMBOLS = {
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  mmap: {
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"],
    result: "pointer",
  },
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64"], result: "i64" },
  prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // Of a large file that has no name any more it takes as long as to free it.
  closeLater: { name: "close", parameters: ["i32"], result: "i32", nonblocking: true },
  memcpy: { parameters: ["buffer", "buffer", "usize"], result: "usize" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true },
} as const;

/** The C library's calls. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** glibc's: Deno's own executables need it, so there is no other where this runs. */
const LIBC = "libc.so.6";

/**
 * Where the C library lies, first in Debian and its kin. A grant of FFI for it alone must name it in full.
 */
export function listLibcPaths(arch: string): readonly [string, ...string[]] {
  return [`/lib/${arch}-linux-gnu/libc.so.6`, "/lib64/libc.so.6"];
}

let opened: Libc | undefined;

/** Opens the C library, once a process: Deno takes some milliseconds for it. */
export function openLibc(): Libc | undefined {
  opened ??= openSymbols(SYMBOLS);
  return opened;
}

/** Whether it may be opened, which takes no time to tell. */
export function mayOpenLibc(): boolean {
  return listPermittedNames().length > 0;
}

function listPermittedNames(): string[] {
  // With a grant of single paths, Deno would look for a bare name in the working directory.
  return isGranted({ name: "ffi" })
    ? [LIBC]
    : listLibcPaths(Deno.build.arch).filter((path) => isGranted({ name: "ffi", path }));
}

/** Opens other calls of the C library than those of {@linkcode openLibc}. */
export function openSymbols<Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols>["symbols"] | undefined {
  for (const name of listPermittedNames()) {
    try {
      return Deno.dlopen(name, symbols).symbols;
    } catch { /* Elsewhere, or none. */ }
  }
  return undefined;
}

/** Makes C strings: NUL-terminated, kept alive as long as the array lives. */
export function encodeCStrings(texts: readonly string[]): Uint8Array<ArrayBuffer>[] {
  return texts.map((text) => new TextEncoder().encode(`${text}\0`));
}

/** Opens a file, with flags that Deno does not offer. */
export function openDescriptor(libc: Libc, path: string, flags: number): number {
  return libc.open(encodeCStrings([path])[0]!, flags);
}

/**
 * Makes a NULL-terminated array of pointers to C strings, for `execvp` and `execve`. memcpy(3) of nothing
 * tells where a string lies; `Deno.UnsafePointer` does so only where all of FFI is permitted.
 */
export function encodePointers(
  libc: Libc,
  strings: readonly Uint8Array<ArrayBuffer>[],
): BigUint64Array<ArrayBuffer> {
  const pointers = new BigUint64Array(strings.length + 1);
  strings.forEach((string, index) => {
    pointers[index] = libc.memcpy(string, string, 0n);
  });
  return pointers;
}
