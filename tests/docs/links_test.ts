import { assert, assertEquals } from "@std/assert";
import { makeLinksAbsolute } from "../../scripts/package.ts";
import { ROOT } from "../support/run.ts";

// Links between our own documents lead somewhere, on GitHub and, where JSR shows README.md, there too.

function listDocuments(directory = ""): string[] {
  return [...Deno.readDirSync(`${ROOT}/${directory}`)].flatMap(({ name, isDirectory }) => {
    if (/^(\.(?!github$)|dist$|node_modules$|coverage$)/.test(name)) return [];
    const path = `${directory}${name}`;
    if (isDirectory) return listDocuments(`${path}/`);
    return name.endsWith(".md") ? [path] : [];
  });
}

/** A document's text without its blocks of code, and with its code in lines left out. */
function readProse(path: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}`)
    .replaceAll(/^```[^]*?^```/gm, "").replaceAll(/^ {4}.*$/gm, "").replaceAll(/`[^`]*`/g, "");
}

/** What GitHub calls the place of a heading. */
function slug(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

function findDead(path: string): string[] {
  const directory = path.replace(/[^/]*$/, "");
  return [...readProse(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)
    .filter((link) => {
      if (/^https?:\/\//.test(link)) return false;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : new URL(`file:///${directory}${file}`).pathname.slice(1);
      try {
        if (anchor === undefined) return Deno.statSync(`${ROOT}/${target}`) === undefined;
        const text = Deno.readTextFileSync(`${ROOT}/${target}`);
        const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading));
        return !headings.includes(anchor);
      } catch {
        return true;
      }
    }).map((link) => `${path}: ${link}`);
}

Deno.test("no link between our documents is dead", () => {
  const documents = listDocuments();
  assert(documents.includes("README.md") && documents.length > 4);
  assertEquals(documents.flatMap(findDead), []);
});

Deno.test("docs/README.md leads to every page of docs/", () => {
  const index = Deno.readTextFileSync(`${ROOT}/docs/README.md`);
  const pages = [...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md") && name !== "README.md");
  assertEquals(pages.filter((name) => !index.includes(`](${name}`)), []);
});

Deno.test("makeLinksAbsolute() leaves no relative link in the package's README.md", () => {
  const base = "https://example.org/owner/name/blob/v1.2.3/";
  assertEquals(
    makeLinksAbsolute("[a](docs/a.md#b) [c](#d) [e](https://example.org/) [f](src)", base),
    `[a](${base}docs/a.md#b) [c](#d) [e](https://example.org/) [f](${base}src)`,
  );
  const text = makeLinksAbsolute(Deno.readTextFileSync(`${ROOT}/README.md`), base);
  assertEquals([...text.matchAll(/\]\((?!https?:|#)[^)]*\)/g)].map(([link]) => link), []);
});
