/** An operator of a run: what `supervisorctl` asks of supervisord, without the time that Python takes to start. */
import { RpcFault } from "../../src/formats/xmlrpc.ts";
import { RpcClient, RpcUnavailable } from "../../src/supervisord/rpc_client.ts";
import { readOrEmpty } from "./files.ts";
import { signalProcess } from "./processes.ts";
import type { Run } from "./run.ts";

const ENGINE = "llm_engine";
const CALL_MS = 15_000;

/** What an operator did. */
export type Answer = "done" | "not_running" | "already_started" | "unavailable";

/** Commands for one run, over a connection of its own. */
export class Operator implements Disposable {
  readonly #run: Run;
  #client: RpcClient | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  get #directory(): string {
    const [name] = this.#run.readTemporary().filter((file) =>
      file.startsWith("standard-supervisor-")
    );
    return `${this.#run.path("tmp")}/${name}`;
  }

  async #call(method: string, ...args: (string | boolean)[]): Promise<Answer> {
    const client = this.#client ??= new RpcClient({
      socketPath: `${this.#directory}/supervisor.sock`,
    });
    try {
      await client.call(`supervisor.${method}`, args, CALL_MS);
      return "done";
    } catch (error) {
      if (error instanceof RpcFault && error.code === 70) return "not_running";
      if (error instanceof RpcFault && error.code === 60) return "already_started";
      if (error instanceof RpcFault || error instanceof RpcUnavailable) return "unavailable";
      throw error;
    }
  }

  /** `supervisorctl start llm_engine`. */
  start(): Promise<Answer> {
    return this.#call("startProcess", ENGINE, true);
  }

  /** `supervisorctl stop llm_engine`. */
  stop(): Promise<Answer> {
    return this.#call("stopProcess", ENGINE, true);
  }

  /** `supervisorctl restart llm_engine`. */
  async restart(): Promise<Answer> {
    await this.stop();
    return await this.start();
  }

  /** `supervisorctl reload`, until supervisord has read its configuration again. */
  async reload(): Promise<void> {
    const count = () => this.#readLog().match(/supervisord started with pid/g)?.length ?? 0;
    const before = count();
    signalProcess(this.#run.findSupervisord()!, "SIGHUP");
    await this.#run.waitFor(() => count() > before, "the reload");
  }

  #readLog(): string {
    return readOrEmpty(`${this.#directory}/supervisord.log`);
  }

  /** The pids that supervisord has spawned as the engine, as its log shows them. */
  readSpawned(): number[] {
    return [...this.#readLog().matchAll(/spawned: 'llm_engine' with pid (\d+)/g)].map(([, pid]) =>
      Number(pid)
    );
  }

  /** How often supervisord's log says that the engine was killed without being stopped. */
  countKilled(): number {
    return [...this.#readLog().matchAll(/exited: llm_engine \(terminated by SIGKILL/g)].length;
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }
}
