/**
 * What is in the next engine's way besides processes and the GPU, where it is known which engine it is:
 * files that the last one left, and who holds its port.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { findEngineEnvironment } from "../document/engine_environment.ts";
import { findAddress } from "../engines/address.ts";
import { type Engine, recognizeEngine } from "../engines/recognize.ts";
import type { Libc } from "../linux/libc.ts";
import { detach } from "../log/detach.ts";
import type { Logger } from "../log/logger.ts";
import { type LeftoverPlace, Leftovers } from "./leftovers.ts";
import { findPortHolder, type PortHolder, renderPortHolder, waitForPort } from "./port_holder.ts";
import { findTemporary, type PresentFiles, SHARED_MEMORY } from "./present_files.ts";
import { isSame, type ProcessEntry, readUptimeTicks } from "../linux/process_table.ts";

/** What is needed to know and clear it. */
export interface EngineRemainsOptions {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The engine's command and its arguments. */
  readonly argv: readonly string[];
  /** The environment that it gets. */
  readonly env: Environment;
  /** What lay where it may leave something before it was started. */
  readonly present: Promise<PresentFiles>;
  /** The C library; `undefined` where it may not be called. */
  readonly libc: Libc | undefined;
  /** Receives log lines. */
  readonly log: Logger;
}

/** A restart waits no longer for an orphan that listens on the engine's port, ms. */
const PORT_TIMEOUT_MS = 10_000;

/** Clears it. */
export class EngineRemains {
  readonly #options: EngineRemainsOptions;
  readonly #port: number | undefined;
  readonly #leftovers: Leftovers | undefined;

  constructor(engine: Engine, options: EngineRemainsOptions) {
    this.#options = options;
    const { configuration, libc, env, present } = options;
    const { settings } = configuration;
    const variables = findEngineEnvironment(configuration, env);
    this.#port = findAddress(engine, variables)?.port;
    const places = settings.shmCleanup === "auto" ? listPlaces(engine, variables) : [];
    if (places.length > 0) this.#leftovers = new Leftovers(places, libc, present);
  }

  /** Clears the way for the next engine. */
  async clearAfter(name: string, left: readonly ProcessEntry[]): Promise<void> {
    if (left.length === 0) {
      detach(this.#nameStranger(name), "looking at the port", this.#options.log);
    }
    await Promise.all([
      left.length > 0 ? this.#waitForPort(name, left) : undefined,
      this.clearFiles(name),
    ]);
  }

  /**
   * Tells who else listens on the engine's port. Who cannot be seen may be one of ours, of another user, or
   * the last pod's on the host's network, which is about to end.
   */
  async findStranger(owns: (process: ProcessEntry) => boolean): Promise<string | undefined> {
    if (this.#port === undefined) return undefined;
    const holder = await findPortHolder(this.#port, owns);
    if (holder.kind !== "present" || holder.listeners.length === 0) return undefined;
    return holder.listeners.some(({ isOurs }) => isOurs) ? undefined : renderPortHolder(holder);
  }

  /** Removes what nobody uses any more. */
  async clearFiles(name: string): Promise<void> {
    const removal = await this.#leftovers?.clear();
    if (removal === undefined || removal.files === 0) return;
    const { files, bytes, directories } = removal;
    this.#options.log.info(
      `removed ${files === 1 ? "1 file" : `${files} files`} that ${name} left in ` +
        `${directories.join(" and ")}, ${renderBytes(bytes)}`,
      { event: "cleaned", files, bytes },
    );
  }

  async #waitForPort(name: string, left: readonly ProcessEntry[]): Promise<void> {
    const { log } = this.#options;
    const port = this.#port;
    if (port === undefined) return;
    const isLeft = (process: ProcessEntry) => left.some((other) => isSame(process, other));
    const holder = await waitForPort(port, isLeft, PORT_TIMEOUT_MS, (waitedFor) => {
      log.info(
        `${name} starts again when ${renderPortHolder(waitedFor)} lets go of port ${port}, ` +
          `after ${PORT_TIMEOUT_MS / 1000} s at most`,
      );
    });
    this.#warnOf(name, holder);
  }

  /** While the next engine starts, which must wait for nobody: it may listen itself by then. */
  async #nameStranger(name: string): Promise<void> {
    const sinceTicks = readUptimeTicks();
    const port = this.#port;
    if (port === undefined || sinceTicks === undefined) return;
    const holder = await findPortHolder(port, () => false);
    if (holder.kind !== "present") return;
    const listeners = holder.listeners.filter(({ process }) =>
      Number(process.startTicks) < sinceTicks
    );
    if (listeners.length > 0) this.#warnOf(name, { kind: "present", listeners });
  }

  #warnOf(name: string, holder: PortHolder): void {
    const words = renderPortHolder(holder);
    if (words === undefined) return;
    this.#options.log.warn(
      `port ${this.#port}, on which ${name} listens, is held by ${words}: it starts anyway`,
    );
  }
}

/** Finds out which engine it is. */
export function createEngineRemains(options: EngineRemainsOptions): EngineRemains | undefined {
  const choice = options.configuration.settings.engine;
  return choice === "none"
    ? undefined
    : new EngineRemains(recognizeEngine(options.argv, choice), options);
}

/** Where an engine leaves files, and of what names. */
function listPlaces({ profile, assigned }: Engine, env: Environment): LeftoverPlace[] {
  const { shmNames, tmpSockets, tmpFiles = [] } = profile;
  const places = [
    { directory: SHARED_MEMORY, files: shmNames, sockets: [], looseFiles: [] },
    {
      directory: findTemporary({ ...env, ...assigned }),
      files: [],
      sockets: tmpSockets,
      looseFiles: tmpFiles,
    },
  ];
  return places.filter(({ files, sockets, looseFiles }) =>
    files.length + sockets.length + looseFiles.length > 0
  );
}

function renderBytes(bytes: number): string {
  if (bytes < 1 << 20) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
