/** A real Chromium without a screen, driven by its DevTools protocol. */
import { pause } from "./processes.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Its executable; `undefined` where there is none on PATH. */
export const CHROMIUM: string | undefined = findOnPath(NAMES);

/** Why there is no Chromium to test with; `undefined` where there is. */
export const CHROMIUM_PROBLEM: string | undefined = CHROMIUM === undefined
  ? `needs ${NAMES[0]} on PATH`
  : undefined;

/**
 * Looks for the first program that is on PATH.
 *
 * @param names Their names.
 * @returns The path; `undefined` where none is there.
 */
export function findOnPath(names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
      try {
        if (Deno.statSync(`${directory}/${name}`).isFile) return `${directory}/${name}`;
      } catch { /* not here */ }
    }
  }
  return undefined;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly entry?: { readonly text: string } };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One page of a browser of its own. Dispose of it: that ends the browser. */
export class ChromiumPage implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;
  /** What the browser complained of: scripts that were blocked, what could not be loaded. */
  readonly complaints: string[] = [];

  private constructor(child: Deno.ChildProcess, directory: string, socket: WebSocket) {
    this.#child = child;
    this.#directory = directory;
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const reply: Reply = JSON.parse(data);
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
      const text = reply.method === "Log.entryAdded" ? reply.params?.entry?.text : undefined;
      if (text !== undefined) this.complaints.push(text);
    };
  }

  /** Opens a page, and nothing in it. */
  static async open(): Promise<ChromiumPage> {
    const directory = Deno.makeTempDirSync({ prefix: "chromium-test-" });
    const child = new Deno.Command(CHROMIUM ?? "chromium", {
      args: [
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        ...["--no-first-run", "--disable-extensions", "--hide-scrollbars"],
        ...["--remote-debugging-port=0", `--user-data-dir=${directory}`, "about:blank"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const port = await findPort(`${directory}/DevToolsActivePort`);
    const response = await fetch(`http://127.0.0.1:${port}/json/new`, { method: "PUT" });
    const { webSocketDebuggerUrl } = await response.json();
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const page = new ChromiumPage(child, directory, socket);
    for (const domain of ["Page", "Runtime", "Log", "Accessibility"]) {
      await page.send(`${domain}.enable`);
    }
    return page;
  }

  /** Calls a method of the protocol. */
  async send(method: string, params: Record<string, unknown> = {}): Promise<Reply["result"]> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await promise;
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Goes to an address and waits until the page is there. */
  async goTo(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    await this.waitFor(
      `document.readyState === "complete" && location.href === ${JSON.stringify(url)}`,
    );
  }

  /** Evaluates an expression in the page. @returns Its value, as JSON carries it. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.send("Runtime.evaluate", {
      ...{ expression, returnByValue: true, awaitPromise: true },
    }) as { result: { value: unknown }; exceptionDetails?: { text: string } };
    if (reply.exceptionDetails !== undefined) {
      throw new Error(`${expression}: ${reply.exceptionDetails.text}`);
    }
    return reply.result.value;
  }

  /** Waits until an expression is true. */
  async waitFor(expression: string, deadlineMs = 20_000): Promise<void> {
    for (const begin = performance.now(); performance.now() - begin < deadlineMs;) {
      if (await this.evaluate(expression).catch(() => false) === true) return;
      await pause(20);
    }
    const text = await this.evaluate("document.body.innerText");
    throw new Error(`Waited ${deadlineMs} ms in vain for ${expression}\n${text}`);
  }

  /** Makes it so wide, and light or dark. */
  async look(width: number, scheme: "light" | "dark"): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      ...{ width, height: 900, deviceScaleFactor: 1, mobile: width < 600 },
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Takes a picture of the whole page. */
  async takePicture(path: string): Promise<void> {
    const shot = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    const bytes = Uint8Array.from(atob(String(shot?.data)), (char) => char.charCodeAt(0));
    Deno.writeFileSync(path, bytes);
  }

  /** Ends the browser and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.race([this.send("Browser.close").catch(() => {}), pause(5_000)]);
    this.#socket.close();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await this.#child.status;
    clearTimeout(timer);
    for (let left = 100; left > 0; left--) {
      try {
        return Deno.removeSync(this.#directory, { recursive: true });
      } catch {
        await pause(50); // Its helpers are on their way out.
      }
    }
  }
}

async function findPort(path: string): Promise<number> {
  for (let left = 1_000; left > 0; left--) {
    try {
      const [port = ""] = Deno.readTextFileSync(path).split("\n");
      if (port !== "") return Number(port);
    } catch { /* not yet */ }
    await pause(20);
  }
  throw new Error("Chromium has not opened its port within 20 s");
}
