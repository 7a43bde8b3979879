/**
 * Finds the command before anything starts, so that one which cannot run is told at once.
 *
 * Permissions: `--allow-read` of where it is looked for, `--allow-sys=uid,gid`. What may not be looked at
 * is taken to be in order, for the kernel will tell.
 *
 * @module
 */
import { isGranted, mayReadProc } from "./ask_permission.ts";
import { MASK } from "../formats/mask_credentials.ts";

/** What a look-up found. */
export type CommandLookup =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "not_found"; readonly reason: string }
  | { readonly kind: "not_executable"; readonly reason: string };

/** What execvp(3) and supervisord look through without a PATH. */
export const DEFAULT_PATH = "/bin:/usr/bin:/usr/local/bin";

const EXECUTE = 0o111;

/**
 * Looks a command up as execvp(3) does: a name with a slash is a path, another is looked for in each
 * directory of PATH, past hits that cannot be executed.
 */
export function lookUpCommand(command: string, path: string = DEFAULT_PATH): CommandLookup {
  if (command === "") {
    return { kind: "not_found", reason: "Cannot run the command: its first word is empty" };
  }
  const candidates = command.includes("/")
    ? [command]
    : path.split(":").map((directory) => `${directory || "."}/${command}`);
  let refusal: string | undefined;
  for (const candidate of candidates) {
    const problem = findProblem(candidate);
    if (problem === undefined) return checkFormat(candidate);
    if (problem !== "absent") refusal ??= `Cannot run ${candidate}: ${problem}`;
  }
  if (refusal !== undefined) return { kind: "not_executable", reason: refusal };
  return {
    kind: "not_found",
    reason: command.includes("/")
      ? `Cannot run ${showCommand(command)}: No such file or directory`
      : `Cannot run ${showCommand(command)}: No such file or directory in PATH`,
  };
}

/** A variable set as a shell would set it, `TOKEN=x vllm serve`, is no command, and its value no text to show. */
function showCommand(command: string): string {
  const name = /^([A-Za-z_]\w*)=/.exec(command)?.[1];
  return name === undefined ? command : `${name}=${MASK} (it needs env before it)`;
}

function findProblem(path: string): string | undefined {
  if (!isGranted({ name: "read", path })) return undefined;
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return "permission to look at it is denied";
    return "absent";
  }
  if (info.isDirectory) return "it is a directory";
  if (!info.isFile) return "it is not a regular file";
  if (!isExecutable(info)) return "it is not executable; fix it with chmod +x";
  return undefined;
}

/** As the kernel decides: root may execute what anybody may, others by the class they are in. */
function isExecutable(info: Deno.FileInfo): boolean {
  const mode = info.mode ?? EXECUTE;
  if (!isGranted({ name: "sys", kind: "uid" })) return (mode & EXECUTE) !== 0;
  const uid = Deno.uid();
  if (uid === 0) return (mode & EXECUTE) !== 0;
  if (info.uid === uid) return (mode & 0o100) !== 0;
  if (isGranted({ name: "sys", kind: "gid" }) && info.gid === Deno.gid()) {
    return (mode & 0o010) !== 0;
  }
  // A supplementary group may grant more than "others" has, and Deno does not tell those.
  return (mode & 0o011) !== 0;
}

/** `e_machine` of what the kernel runs on each architecture; 32-bit programs of the same family too. */
const ELF_MACHINES: Readonly<Record<string, readonly number[]>> = {
  x86_64: [62, 3],
  aarch64: [183, 40],
};

/** The head of a 32-bit program; that of a 64-bit one is longer. */
const ELF_HEAD_BYTES = 52;

/**
 * What the kernel would refuse (ENOEXEC, or ENOENT that names the wrong file): a program for another
 * architecture, a script without `#!`, which only shells run, one whose interpreter is missing.
 */
function checkFormat(path: string): CommandLookup {
  const found: CommandLookup = { kind: "found", path };
  const head = readHead(path);
  if (head === undefined) return found;
  const refuse = (problem: string): CommandLookup =>
    hasOtherFormats()
      ? found
      : { kind: "not_executable", reason: `Cannot run ${path}: ${problem}` };
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("\x7fELF")) {
    if (head.length < ELF_HEAD_BYTES) return refuse("it is a program that is cut short");
    const machine = new DataView(head.buffer).getUint16(18, head[5] !== 2);
    const isOurs = ELF_MACHINES[Deno.build.arch]?.includes(machine) ?? true;
    return isOurs ? found : refuse("it is a program for another architecture");
  }
  if (!text.startsWith("#!")) {
    return refuse("it is neither a program nor a script with a #! line");
  }
  const [interpreter = ""] = text.slice(2).split("\n", 1)[0]?.replace(/^[ \t]+/, "")
    .split(/[ \t]/) ?? [];
  if (!interpreter.startsWith("/")) return found;
  const problem = findProblem(interpreter);
  const isCarriageReturn = interpreter.endsWith("\r");
  if (problem === "absent") {
    return {
      kind: "not_found",
      reason: `Cannot run ${path}: its interpreter ${JSON.stringify(interpreter)} does not exist ` +
        "(No such file or directory)" +
        (isCarriageReturn ? "; its lines end with a carriage return, fix it with dos2unix" : ""),
    };
  }
  if (problem !== undefined) {
    return {
      kind: "not_executable",
      reason: `Cannot run ${path}: its interpreter ${interpreter} cannot run, ${problem}`,
    };
  }
  return found;
}

function readHead(path: string): Uint8Array<ArrayBuffer> | undefined {
  if (!isGranted({ name: "read", path })) return undefined;
  try {
    using file = Deno.openSync(path);
    const buffer = new Uint8Array(256);
    return buffer.slice(0, file.readSync(buffer) ?? 0);
  } catch {
    return undefined; // Executable without being readable is allowed.
  }
}

/** Whether the kernel was taught further formats, such as another architecture's or Java's. */
function hasOtherFormats(): boolean {
  if (!mayReadProc()) return false;
  try {
    const known = [...Deno.readDirSync("/proc/sys/fs/binfmt_misc")].map(({ name }) => name);
    return known.some((name) => name !== "register" && name !== "status");
  } catch {
    return false;
  }
}
