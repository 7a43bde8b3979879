// Appends "<wall ns> <pid>" to a file as its first instruction, as tests/fixtures/records_start.sh does.
const ns = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
Deno.writeTextFileSync(Deno.args[0]!, `${ns} ${Deno.pid}\n`, { append: true });
