/** Images: the examples' Dockerfiles, built on BASE_IMAGE or on a stand-in for the base that they name. */
import { isThere } from "../support/files.ts";
import { ROOT } from "../support/run.ts";
import { mustPodman } from "./podman.ts";

const PREFIX = "localhost/standard-supervisor-test";
const STAND_INS = `${ROOT}/tests/containers/stand_ins`;
const SERVE = `${ROOT}/examples/sagemaker/serve`;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** How the examples' images are made. */
export interface ImageMaker {
  /** The base as it is, Python's image, an engine's, and vLLM's. */
  readonly bases: Readonly<Record<"debian" | "python" | "engine" | "vllm", string>>;
  /** Builds `examples/NAME.Dockerfile` on a base; returns the image. */
  readonly build: (name: string, base: string) => Promise<string>;
  /** Builds the image in which the cases run: the example for Debian, without its own engine's settings. */
  readonly buildSuite: () => Promise<string>;
  /** Removes what {@linkcode build} has made. */
  readonly dispose: () => Promise<void>;
}

/** The host's ways to Debian's and Python's packages, for the time of a build. */
function packageSettings(directory: string): string[] {
  const volumes: string[] = [];
  const isSame = /^VERSION_CODENAME=bookworm$/m.test(Deno.readTextFileSync("/etc/os-release"));
  if (isSame && isThere("/etc/apt")) volumes.push("/etc/apt:/etc/apt:ro");
  if (isThere(CERTIFICATES)) {
    const pip = "[global]\ncert = /host-certificates.crt\nroot-user-action = ignore\n";
    Deno.writeTextFileSync(`${directory}/pip.conf`, pip);
    volumes.push(`${directory}/pip.conf:/etc/pip.conf:ro`);
    volumes.push(`${CERTIFICATES}:/host-certificates.crt:ro`);
  }
  return volumes.map((volume) => `--volume=${volume}`);
}

/**
 * Makes the stand-ins for bases that cannot be had here.
 *
 * @param program The executable under test.
 * @param base A Debian image.
 * @returns What builds the examples on them.
 */
export async function makeImages(program: string, base: string): Promise<ImageMaker> {
  const directory = Deno.makeTempDirSync({ prefix: "container-images-" });
  const settings = packageSettings(directory);
  Deno.mkdirSync(`${directory}/context/dist`, { recursive: true });
  Deno.mkdirSync(`${directory}/context/examples/sagemaker`, { recursive: true });
  Deno.copyFileSync(SERVE, `${directory}/context/examples/sagemaker/serve`);
  Deno.copyFileSync(program, `${directory}/context/dist/standard-supervisor`);
  Deno.chmodSync(`${directory}/context/dist/standard-supervisor`, 0o755);

  const build = async (file: string, from: string, name: string, context: string) => {
    await mustPodman([
      // Docker's format, since OCI's has no HEALTHCHECK.
      ...["build", "--quiet", "--format", "docker", "--network", "host", ...settings],
      ...["--build-arg", `BASE=${from}`, "--file", file, "--tag", `${PREFIX}/${name}`, context],
    ], 240_000);
    return `${PREFIX}/${name}`;
  };
  const runAsChild = (name: string, from: string) =>
    build(`${STAND_INS}/${name}.Dockerfile`, from, `base-${name}`, STAND_INS);
  const python = await runAsChild("python", base);
  const engine = await runAsChild("engine", python);
  const vllm = await runAsChild("vllm", engine);
  const built: string[] = [];
  const buildExample = async (name: string, from: string) => {
    const file = `${ROOT}/examples/${name}.Dockerfile`;
    const image = await build(file, from, name.replace("/", "-"), `${directory}/context`);
    built.push(image);
    return image;
  };
  return {
    bases: { debian: base, python, engine, vllm },
    build: buildExample,
    async buildSuite() {
      const image = await runAsChild("suite", await buildExample("docker/debian", base));
      built.unshift(image);
      return image;
    },
    async dispose() {
      if (built.length > 0) await mustPodman(["rmi", "--force", ...built]);
      Deno.removeSync(directory, { recursive: true });
    },
  };
}
