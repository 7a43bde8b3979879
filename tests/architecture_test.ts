import { findFloatingPromises } from "./support/floating_promises.ts";
import { listSources } from "./support/printed_messages.ts";
import { assert, assertEquals } from "@std/assert";

// Data flows one way: a file imports from its own room and from rooms below it, and no imports go round in
// a circle. docs/architecture.md shows the same table.

const SRC = new URL("../src/", import.meta.url);
const DOC = Deno.readTextFileSync(new URL("../docs/architecture.md", import.meta.url));

/** The rooms, top to bottom, as the table of docs/architecture.md has them. */
const ROOMS = [...DOC.matchAll(/^\| `(\w+)\/` +\|.*\| (yes|no) +\|$/gm)].map(
  ([, name = "", touches]) => ({ name, touchesWorld: touches === "yes" }),
);

/** Every file of `src/`, tests aside, with what it imports of `src/`, as paths below `src/`. */
function readImports(): Map<string, string[]> {
  const imports = new Map<string, string[]>();
  for (const room of Deno.readDirSync(SRC)) {
    assert(room.isDirectory, `src/${room.name} lies in no room`);
    for (const { name, isFile } of Deno.readDirSync(new URL(`${room.name}/`, SRC))) {
      assert(isFile, `src/${room.name}/${name} is a room in a room`);
      const path = `${room.name}/${name}`;
      if (name.endsWith("_test.ts")) continue;
      imports.set(path, findImports(path, Deno.readTextFileSync(new URL(path, SRC))));
    }
  }
  return imports;
}

/** What a file imports of its own package, static or not, for types or for values. */
function findImports(path: string, text: string): string[] {
  const code = text.replaceAll(/^\s*(\/?\*|\/\/).*$/gm, "");
  return [...code.matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]*)"/g)].map(([, specifier = ""]) => {
    const url = new URL(specifier, new URL(path, SRC));
    assert(url.href.startsWith(SRC.href), `${path} imports ${specifier} from outside src/`);
    return url.href.slice(SRC.href.length);
  });
}

const roomOf = (path: string) => path.slice(0, path.indexOf("/"));

/** A circle of imports that begins and ends at some file; `undefined` where there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(path);
    if (at >= 0) return [...way.slice(at), path];
    if (done.has(path)) return undefined;
    done.add(path);
    for (const next of imports.get(path) ?? []) {
      const circle = visit(next, [...way, path]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  for (const path of imports.keys()) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** The arrows that run up. */
function findUpward(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const floor = new Map(ROOMS.map(({ name }, index) => [name, index]));
  return [...imports].flatMap(([path, targets]) =>
    targets.filter((target) => (floor.get(roomOf(target)) ?? -1) < (floor.get(roomOf(path)) ?? -1))
      .map((target) => `${path} -> ${target}`)
  );
}

Deno.test("src/ has the rooms of docs/architecture.md, and no others", () => {
  const rooms = [...Deno.readDirSync(SRC)].map(({ name }) => name);
  assertEquals(rooms.sort(), ROOMS.map(({ name }) => name).sort());
});

Deno.test("src/ imports run down", () => {
  assertEquals(findUpward(readImports()), []);
});

Deno.test("src/ imports go round in no circle", () => {
  assertEquals(findCircle(readImports()), undefined);
});

Deno.test("findUpward() and findCircle() see what they look for", () => {
  assertEquals(findUpward(new Map([["log/a.ts", ["cli/b.ts"]], ["cli/b.ts", ["log/a.ts"]]])), [
    "log/a.ts -> cli/b.ts",
  ]);
  const circle = new Map([["log/a.ts", ["log/b.ts"]], ["log/b.ts", ["log/a.ts"]]]);
  assertEquals(findCircle(circle), ["log/a.ts", "log/b.ts", "log/a.ts"]);
  const text = 'import type { A } from "./b.ts";\nconst c = await import("../cli/c.ts");\n';
  assertEquals(findImports("log/a.ts", text), ["log/b.ts", "cli/c.ts"]);
});

Deno.test("src/ files have at most 300 lines, tables aside", () => {
  const tables = new Set(["configuration/settings.ts"]);
  const long = [...readImports().keys()].filter((path) =>
    !tables.has(path) && Deno.readTextFileSync(new URL(path, SRC)).split("\n").length > 301
  );
  assertEquals(long, []);
});

Deno.test("docs/architecture.md has a paragraph and a node for each room", () => {
  const paragraphs = [...DOC.matchAll(/^\*\*`(\w+)\/`\*\*/gm)].map(([, name]) => name);
  assertEquals(paragraphs, ROOMS.map(({ name }) => name));
  const [, diagram = ""] = /```mermaid\n(.*?)```/s.exec(DOC) ?? [];
  for (const { name } of ROOMS) {
    assert(diagram.includes(`${name}[`), `${name} is not in the picture`);
  }
});

Deno.test("rooms that touch nothing of the world use nothing of Deno", () => {
  const pure = new Set(ROOMS.filter(({ touchesWorld }) => !touchesWorld).map(({ name }) => name));
  const impure = [...readImports().keys()].filter((path) => {
    if (!pure.has(roomOf(path))) return false;
    const code = Deno.readTextFileSync(new URL(path, SRC)).replaceAll(/^\s*(\/?\*|\/\/).*$/gm, "");
    return /\bDeno\.(?!Signal\b)|\bfetch\(|\bperformance\.now|\bDate\.now|\bnew Date\(\)/.test(
      code,
    );
  });
  assertEquals(impure, []);
});

Deno.test("src/ lets no promise go whose rejection nothing catches", () => {
  const directory = Deno.makeTempDirSync({ prefix: "floating-" });
  try {
    const path = `${directory}/one.ts`;
    Deno.writeTextFileSync(
      path,
      "const f = async () => {};\nf();\nf().catch(() => {});\nsetTimeout(async () => {}, 1);\n" +
        'new Deno.Command("x").spawn().status.then(() => {});\n',
    );
    assertEquals(findFloatingPromises([path]).map((text) => text.split(" ").slice(1).join(" ")), [
      ...["f();", "setTimeout(async () => {}, 1)"],
      'new Deno.Command("x").spawn().status.then(() => {});',
    ]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  assertEquals(findFloatingPromises(listSources()), []);
});
