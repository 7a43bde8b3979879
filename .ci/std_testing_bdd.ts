// Stands in for @std/testing/bdd where JSR cannot be reached: the part of its contract that this project uses.

const titles: string[] = [];

/** Groups the tests registered inside `body` under `title`. */
export function describe(title: string, body: () => void | undefined): void {
  titles.push(title);
  body();
  titles.pop();
}

type Body = (t: Deno.TestContext) => void | Promise<void>;

/** Registers one test. */
export function it(title: string, body: Body): void {
  Deno.test([...titles, title].join(" ... "), body);
}

/** Registers one test that is reported as ignored. */
it.skip = (title: string, body: Body): void => {
  Deno.test({ name: [...titles, title].join(" ... "), ignore: true, fn: body });
};
