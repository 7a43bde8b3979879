/** Keeps every core busy until it is disposed of. */
export class Noise implements Disposable {
  readonly #children = Array.from(
    { length: navigator.hardwareConcurrency },
    () => new Deno.Command("/bin/sh", { args: ["-c", "while :; do :; done"] }).spawn(),
  );

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}
