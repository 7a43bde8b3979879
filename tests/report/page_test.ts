import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { StatusAnswers } from "../../src/status/status_answers.ts";
import { renderStatus } from "../../src/status/status_document.ts";
import { StatusServer } from "../../src/status/status_server.ts";
import { CHROMIUM_PROBLEM, ChromiumPage } from "../support/chromium.ts";
import { itUnless } from "../support/needs.ts";
import { INSTANCE, STORIES, tell } from "../support/page_states.ts";

// The page in a real browser. PAGE_PICTURES=DIRECTORY keeps a picture of each state there.

/** A page that shows whatever `show` says last. */
class ShownPage implements AsyncDisposable {
  readonly #server: StatusServer;
  readonly #answers: StatusAnswers;
  readonly url: string;
  readonly page: ChromiumPage;
  readonly requested: string[] = [];
  status = tell(STORIES.loading ?? []);
  lines: readonly string[] = ["INFO loading weights", "<b>not bold</b> token=abc"];

  private constructor(page: ChromiumPage) {
    this.page = page;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${listener.addr.port}/`;
    this.#answers = new StatusAnswers({
      render: () => renderStatus(this.status, INSTANCE, new Date()),
      readMetrics: () => "",
      readLines: () => this.lines,
    });
    this.#server = new StatusServer(listener, (path) => {
      this.requested.push(path);
      return this.#answers.answer(path);
    }, (text) => console.error(text));
  }

  static async open(): Promise<ShownPage> {
    return new ShownPage(await ChromiumPage.open());
  }

  show(state: string): void {
    this.status = tell(STORIES[state] ?? []);
    this.#answers.invalidate();
  }

  stop(): void {
    this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.page[Symbol.asyncDispose]();
  }
}

const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)})?.innerText`;
const count = (selector: string) => `document.querySelectorAll(${JSON.stringify(selector)}).length`;
const PICTURES = Deno.env.get("PAGE_PICTURES") ?? "";

const itInChromium = itUnless(CHROMIUM_PROBLEM);

describe("renderPage() in Chromium", () => {
  itInChromium("shows each state by itself, light and dark, wide and narrow", async () => {
    await using shown = await ShownPage.open();
    const { page, url } = shown;
    await page.goTo(url);
    await page.evaluate("window.isSame = true");
    for (const state of Object.keys(STORIES)) {
      shown.show(state);
      const name = state.replaceAll("_", " ");
      await page.waitFor(`document.title.startsWith(${JSON.stringify(`${name}: vllm`)})`);
      await page.waitFor(`${text("#state")}.toLowerCase() === ${JSON.stringify(name)}`);
      const runs = shown.status.runs;
      const { reason } = renderStatus(shown.status, INSTANCE, new Date());
      const shownReason = String(await page.evaluate(text("#reason p")));
      assertEquals(shownReason.replace(/\d+ s/, ""), reason.replace(/\d+ s/, ""), state);
      assertEquals(await page.evaluate(count("svg g.run")), runs.length, state);
      assertEquals(await page.evaluate(count("#runs tbody tr")), runs.length, state);
      const deaths = runs.filter(({ diedAt, wasStopped }) => diedAt !== undefined && !wasStopped);
      assertEquals(await page.evaluate(count("svg rect.death")), deaths.length, state);
      const programs = shown.status.engines.length + shown.status.sidecars.length;
      assertEquals(await page.evaluate(count("#programs tbody tr")), programs, state);
      for (const scheme of ["light", "dark"] as const) {
        for (const width of [1_100, 360]) {
          await page.look(width, scheme);
          const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          assert(Number(overflow) <= 0, `${state}, ${width} wide, is ${overflow} too wide`);
          if (PICTURES === "") continue;
          await page.takePicture(`${PICTURES}/${state}-${scheme}-${width}.png`);
        }
      }
    }
    assertEquals(await page.evaluate("isSame"), true, "it was loaded again");
    assertEquals(page.complaints, []);
    assertEquals([...new Set(shown.requested)], ["/"]);
  });

  itInChromium("escapes and masks what engines say", async () => {
    await using shown = await ShownPage.open();
    const { page } = shown;
    shown.show("recovering");
    await page.goTo(shown.url);
    assertEquals(await page.evaluate(count("img")), 0);
    assertEquals(await page.evaluate(count("#lines b")), 0);
    assert(!String(await page.evaluate("document.title")).includes("owned"));
    const all = String(await page.evaluate("document.documentElement.innerHTML"));
    assert(all.includes("&lt;img src=x"), all);
    assert(!all.includes("sk-secret") && !all.includes("token=abc"), all);
    assertEquals(
      await page.evaluate(text("#lines pre")),
      "INFO loading weights\n<b>not bold</b> token=***",
    );
  });

  itInChromium("keeps what is open open, and says when nobody answers", async () => {
    await using shown = await ShownPage.open();
    const { page } = shown;
    shown.show("running");
    await page.goTo(shown.url);
    await page.evaluate("document.querySelector('details').open = true");
    await page.evaluate("document.querySelector('summary').focus()");
    shown.show("recovering");
    await page.waitFor(`${count("#runs tbody tr")} === 3`);
    assertEquals(await page.evaluate(count("details[open]")), 1);
    assertEquals(await page.evaluate("document.activeElement.tagName"), "SUMMARY");
    assertEquals(await page.evaluate("lost.hidden"), true);
    shown.stop();
    await page.waitFor("!lost.hidden");
  });

  itInChromium("tells a screen reader what is there", async () => {
    await using shown = await ShownPage.open();
    const { page } = shown;
    shown.show("running");
    await page.goTo(shown.url);
    const tree = await page.send("Accessibility.getFullAXTree") as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const named = tree.nodes.filter(({ ignored }) => !ignored)
      .map(({ role, name }) => `${role?.value} ${name?.value ?? ""}`);
    for (
      const wanted of [
        /^main/,
        /^status/,
        /^region Runs over time$/,
        /^(image|img) llm_engine:llm_engine: 2 runs, 1 of them died/,
        /^columnheader Recoveries$/,
        /^rowheader llm_engine:llm_engine/,
        /^meter 0 of 3 recoveries used$/,
      ]
    ) {
      assert(named.some((one) => wanted.test(one)), `${wanted} is not among\n${named.join("\n")}`);
    }
  });
});
