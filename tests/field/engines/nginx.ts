/** nginx of the distribution, with two workers, before files. */
import { type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

/** What a slow answer sends each second, bytes: more than nginx sends at once. */
const RATE = 16_384;

function renderConfiguration({ directory, port }: Place): string {
  return `user root;
worker_processes 2;
pid ${directory}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${directory}/www;
    location /slow { limit_rate ${RATE}; }
  }
}
`;
}

function serve({ bin, directory }: Place, file = "nginx.conf"): string[] {
  return [`${bin}/nginx`, "-c", `${directory}/${file}`, "-g", "daemon off;"];
}

function findNginx() {
  for (const bin of ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]) {
    try {
      if (Deno.statSync(`${bin}/nginx`).isFile) return { bin };
    } catch { /* Not here. */ }
  }
  return { missing: "nginx is not installed (apt-get install nginx-light)" };
}

function readVersion(bin: string): string {
  const { stderr } = new Deno.Command(`${bin}/nginx`, { args: ["-v"] }).outputSync();
  return /nginx\/(\S+)/.exec(new TextDecoder().decode(stderr))?.[1] ?? "unknown";
}

/** nginx. */
export const NGINX: FieldEngine = {
  title: "nginx",
  find: findNginx,
  readVersion,
  profile: "none",
  prepare: (place) => {
    Deno.mkdirSync(`${place.directory}/www`);
    Deno.writeTextFileSync(`${place.directory}/www/index.html`, "served\n");
    Deno.writeFileSync(`${place.directory}/www/slow`, new Uint8Array(RATE * SLOW_SECS));
    Deno.writeTextFileSync(`${place.directory}/nginx.conf`, renderConfiguration(place));
    Deno.writeTextFileSync(`${place.directory}/bad.conf`, "no_such_directive on;\n");
  },
  command: (place) => serve(place),
  question: { path: "/" },
  slow: { path: "/slow" },
  healthPath: "/",
  nameRole: ({ command }) => /worker process/.test(command) ? "worker" : undefined,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "worker", signal: "SIGKILL", by: "engine" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
    { role: "worker", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
  ],
  badStarts: [
    {
      title: "a bad argument",
      command: (place) => serve(place, "bad.conf"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 4, cause: "port_in_use" },
  ],
  drains: [
    { title: "SIGTERM", isAnswered: false },
    {
      title: "SUPERVISOR_PROGRAM_STOPSIGNAL=QUIT",
      env: { SUPERVISOR_PROGRAM_STOPSIGNAL: "QUIT" },
      isAnswered: true,
    },
  ],
};
