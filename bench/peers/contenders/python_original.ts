/** The Python package that this project takes the place of. */
import { GRACE_SECS, type Source } from "../contender.ts";
import { findPython } from "../install.ts";

const VERSION = "0.1.16";
const SUPERVISORD = "4.3.0";

/** Named by `ORIGINAL_SUPERVISOR`, else installed from PyPI. */
export const PYTHON_ORIGINAL: Source = {
  name: "the Python original",
  find: async () => {
    const named = Deno.env.get("ORIGINAL_SUPERVISOR") ?? "";
    const found = named === ""
      ? await findPython("original", [
        `model-hosting-container-standards==${VERSION}`,
        `supervisor==${SUPERVISORD}`,
      ])
      : { directory: named.replace(/\/bin\/[^/]*$/, "") };
    if (typeof found === "string") return found;
    const bin = `${found.directory}/bin`;
    return {
      name: "the Python original",
      version: named === "" ? `${VERSION}, supervisord ${SUPERVISORD}` : named,
      kind: "supervisor",
      define: ({ engine, retries }, directory) => ({
        command: [`${bin}/standard-supervisor`, ...engine],
        env: {
          PATH: `${bin}:${Deno.env.get("PATH")}`,
          SUPERVISOR_CONFIG_PATH: `${directory}/original.conf`,
          SUPERVISOR_PROGRAM_STOPWAITSECS: String(GRACE_SECS),
          ...retries === undefined ? {} : { PROCESS_MAX_START_RETRIES: String(retries) },
        },
      }),
    };
  },
};
