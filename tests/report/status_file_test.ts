import { assert, assertEquals } from "@std/assert";
import { StatusFile } from "../../src/status/status_file.ts";

// With user= the directory is the engine's user's, and we may be root.

const document = { version: 1 } as unknown as ReturnType<
  ConstructorParameters<typeof StatusFile>[1]
>;

async function write(directory: string): Promise<void> {
  const written = Promise.withResolvers<void>();
  const file = new StatusFile(directory, () => document, (error) => written.reject(error));
  file.update();
  const timer = setTimeout(written.resolve, 50);
  await written.promise.finally(() => clearTimeout(timer));
  file.close();
}

Deno.test("a link or a pipe that somebody put in its way leads the status file nowhere", async () => {
  const directory = await Deno.makeTempDir();
  const [other, fresh] = [`${directory}/other`, `${directory}/status.json.new`];
  try {
    await Deno.writeTextFile(other, "not ours");
    await Deno.symlink(other, fresh);
    await write(directory);
    assertEquals(await Deno.readTextFile(other), "not ours");
    assert((await Deno.lstat(`${directory}/status.json`)).isFile);
    await new Deno.Command("mkfifo", { args: [fresh] }).output();
    await write(directory);
    assertEquals(await Deno.readTextFile(`${directory}/status.json`), '{"version":1}');
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
