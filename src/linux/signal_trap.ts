/**
 * Hears a signal in place of Deno, so that nothing that Deno does at that signal happens.
 *
 * Deno has one handler for all signals and everybody's listeners hang on it, its own among them. So the
 * handler is replaced, with sigaction(2), by one of ours: a few instructions in a page of memory that
 * add one to an eventfd, for no JavaScript may run inside a signal handler. Who waits for the eventfd calls the
 * listeners.
 *
 * Permissions: `--allow-ffi`.
 *
 * @see https://man7.org/linux/man-pages/man7/signal-safety.7.html
 * @module
 */
import type { Libc } from "./libc.ts";
import { type Readiness, watchReadable } from "./readiness.ts";

/** Where the number lies that the handler adds, bytes from the page's start. */
const NUMBER_AT = 64;

const PAGE_BYTES = 4096;

/**
 * `write(descriptor, &number, 8)` and return, by the kernel's own calling convention: the C library
 * would set errno under the feet of whatever was interrupted.
 */
const HANDLERS: Readonly<Record<string, (descriptor: number) => Uint8Array>> = {
  x86_64: (descriptor) => {
    const code = new Uint8Array([
      ...[0xb8, 1, 0, 0, 0], // mov eax, 1 (write)
      ...[0xbf, 0, 0, 0, 0], // mov edi, descriptor
      ...[0x48, 0x8d, 0x35, NUMBER_AT - 17, 0, 0, 0], // lea rsi, [rip + …]; rip is at 17 then
      ...[0xba, 8, 0, 0, 0], // mov edx, 8
      ...[0x0f, 0x05], // syscall
      0xc3, // ret
    ]);
    new DataView(code.buffer).setInt32(6, descriptor, true);
    return code;
  },
  aarch64: (descriptor) =>
    new Uint8Array(
      new Uint32Array([
        0xd2800808, // mov x8, 64 (write)
        0x52800000 | descriptor << 5, // mov w0, descriptor
        0x10000001 | (NUMBER_AT - 8) / 4 << 5, // adr x1, number
        0xd2800102, // mov x2, 8
        0xd4000001, // svc 0
        0xd65f03c0, // ret
      ]).buffer,
    ),
};

/** What one 16-bit immediate of AArch64 holds. */
const MAX_DESCRIPTOR = 0xffff;

const PROT = { read: 1, write: 2, execute: 4 } as const;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const EFD_CLOEXEC_NONBLOCK = 0o2004000;

/** `struct sigaction` of glibc and musl on 64 bits: handler, mask of 128 bytes, flags, restorer. */
const SIGACTION_BYTES = 152;
const FLAGS_AT = 136;
const SA_RESTART = 0x10000000;

interface Trap {
  readonly descriptor: number;
  readonly readiness: Readiness;
  readonly before: Uint8Array<ArrayBuffer>;
}

/** Traps one signal. There is one handler a process, so there is one trap: SIGUSR1's. */
export function trapSignal(
  libc: Libc,
  signal: number,
  onSignal: () => void,
): (() => void) | undefined {
  const trap = setTrap(libc, signal);
  if (trap === undefined) return undefined;
  let isSet = true;
  listen(libc, trap.descriptor, trap.readiness, () => {
    if (isSet) onSignal();
    return isSet;
  }).catch(() => {}); // What a signal leads to logs its own failures.
  return () => {
    isSet = false;
    libc.sigaction(signal, trap.before, null);
    libc.write(trap.descriptor, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]), 8n);
  };
}

function setTrap(libc: Libc, signal: number): Trap | undefined {
  const render = HANDLERS[Deno.build.arch];
  if (render === undefined) return undefined;
  const descriptor = libc.eventfd(0, EFD_CLOEXEC_NONBLOCK);
  if (descriptor < 0) return undefined;
  const readiness = watchReadable(libc, descriptor);
  const handler = readiness === undefined || descriptor > MAX_DESCRIPTOR
    ? undefined
    : placeHandler(libc, render(descriptor));
  const before = new Uint8Array(SIGACTION_BYTES);
  if (readiness !== undefined && handler !== undefined) {
    const action = new DataView(new ArrayBuffer(SIGACTION_BYTES));
    action.setBigUint64(0, Deno.UnsafePointer.value(handler), true);
    action.setInt32(FLAGS_AT, SA_RESTART, true);
    if (libc.sigaction(signal, action, before) === 0) return { descriptor, readiness, before };
  }
  readiness?.close();
  libc.close(descriptor);
  return undefined;
}

/**
 * Writes the instructions into a page that can be executed and then no longer be written. A new page each
 * time, and never given back: a handler that is just being left must still find its instructions, and a
 * processor of ARM's may still hold the old ones of a page that is written again.
 */
function placeHandler(libc: Libc, code: Uint8Array): Deno.PointerObject | undefined {
  const size = BigInt(PAGE_BYTES);
  const page = libc.mmap(null, size, PROT.read | PROT.write, MAP_PRIVATE_ANONYMOUS, -1, 0n);
  // MAP_FAILED is -1.
  if (page === null || Deno.UnsafePointer.value(page) === 2n ** 64n - 1n) return undefined;
  const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(page, PAGE_BYTES));
  bytes.set(code);
  bytes[NUMBER_AT] = 1;
  return libc.mprotect(page, size, PROT.read | PROT.execute) === 0 ? page : undefined;
}

async function listen(
  libc: Libc,
  descriptor: number,
  readiness: Readiness,
  onReadable: () => boolean,
): Promise<void> {
  do {
    if (!await readiness.wait()) break;
    libc.read(descriptor, new Uint8Array(8), 8n);
  } while (onReadable());
  readiness.close();
  libc.close(descriptor);
}
