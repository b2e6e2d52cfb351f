/** `npm start -- --secure` typed by somebody whose plain `npm start` already has data, and a second machine added to it. */
import { Machine, PROGRAMS, type Program, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const STATE = "/root/state";
const START = [`${PROGRAMS}/node_modules/.bin/node`, `${PROGRAMS}/scripts/start.ts`, "--state-dir", STATE] as const;
const CURL = `curl -fsS --cacert ${STATE}/tls/ca.pem -A Mozilla/5.0`;

let machine: Machine;
let program: Program;

async function start(...options: string[]): Promise<string> {
  program = machine.start([...START, ...options], { cwd: PROGRAMS });
  await program.waitForLine(/^Ctrl-C stops everything/, 90_000);
  return program.lines.join("\n");
}

/** As Ctrl-C would: the process that this one sees is only the door to the machine. */
async function stop(): Promise<number | null> {
  await machine.text("kill -TERM $(pgrep -f scripts/[s]tart.ts)");
  return (await program.exited).code;
}

/** The line of a report that holds the words, as a user would copy it. */
function lineWith(output: string, words: string): string {
  const line = output.split("\n").find((each) => each.includes(words));
  if (line === undefined) throw new Error(`no line with ${words} in:\n${output}`);
  return line.trim();
}

function typed(line: string): Promise<string> {
  return machine.text(line, { cwd: PROGRAMS });
}

function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  return until(what, ask, 60_000);
}

async function event(name: string): Promise<{ status: number; state: string } | undefined> {
  const { code, stdout } = await machine.shell(`bin/sensuctl event info ${name} --format json`, { cwd: PROGRAMS });
  return code === 0 ? (JSON.parse(stdout) as { check: { status: number; state: string } }).check : undefined;
}

let output: string;

beforeAll(async () => {
  machine = await Machine.start();
  const plain = await start();
  await typed(lineWith(plain, "sensuctl configure"));
  await typed("bin/sensuctl namespace create from-plain-times");
  expect(await stop()).toBe(0);
  output = await start("--secure", "--listen", "0.0.0.0");
  await typed(lineWith(output, "sensuctl configure"));
}, 240_000);

afterAll(async () => {
  await machine?.[Symbol.asyncDispose]();
});

test("page, API and agents' port speak TLS with a certificate of the CA, the sign-in link too", async () => {
  const [, page = "", ticket = ""] =
    /^(https:\/\/127\.0\.0\.1:3000)\/signin\?redirect-to=\S*#ticket=(\S+)$/.exec(lineWith(output, "#ticket=")) ?? [];
  expect(await typed(`${CURL} ${page}/signin`)).toContain("<html");
  const redeem = `${CURL} -H 'content-type: application/json' -d '{"ticket":"${ticket}"}' ${page}/api/ui/v1/signin`;
  expect(JSON.parse(await typed(redeem))).toHaveProperty("access_token");
  for (const port of [3000, 8080, 8081]) {
    const shown = `openssl s_client -connect 127.0.0.1:${port} -CAfile ${STATE}/tls/ca.pem -verify_hostname backend-1`;
    expect(await machine.text(`${shown} </dev/null 2>&1 || true`)).toContain("Verify return code: 0 (ok)");
    expect((await machine.shell(`curl -s -A Mozilla/5.0 http://127.0.0.1:${port}/`)).stdout).toContain(
      "Client sent an HTTP request to an HTTPS server.",
    );
  }
});

test("data of plain times is there, the checks of the listeners follow them, the agent shows its certificate", async () => {
  expect(await typed("bin/sensuctl namespace list --format json")).toContain("from-plain-times");
  for (const check of ["api-url", "agent-port"]) {
    await eventually(`${check} passing over TLS`, async () =>
      (await event(`backend-1 ${check}`))?.status === 0 ? true : undefined,
    );
  }
  expect(await typed("bin/sensuctl check info api-url --format json")).toContain("https://127.0.0.1:8080/health");
  expect(await machine.text(`cat ${STATE}/agent.log`)).toContain("using tls client auth");
  expect((await machine.shell("grep -c SENSU_PASSWORD /proc/$(pgrep -f sensu-agent/[m]ain.js)/environ")).stdout).toBe(
    "0\n",
  );
});

test("an agent without a certificate is refused whatever its password", async () => {
  const password = (await machine.text(`cat ${STATE}/agent-password`)).trim();
  await using stranger = machine.start(
    [
      ...["bin/sensu-agent", "start", "--name", "stranger", "--backend-url", "wss://backend-1:8081"],
      ...["--trusted-ca-file", `${STATE}/tls/ca.pem`, "--cache-dir", "/tmp/stranger", "--disable-api"],
    ].map((word) => (word === "bin/sensu-agent" ? `${PROGRAMS}/bin/sensu-agent` : word)),
    { env: { SENSU_PASSWORD: password } },
  );
  await stranger.waitForLine(/handshake failed with status 401|certificate required|bad certificate/);
});

test("no key can be read by others", async () => {
  expect(await machine.text(`stat -c %a ${STATE}`)).toBe("700\n");
  expect(await machine.text(`find ${STATE} -name '*key*' -perm /077`)).toBe("");
});

test("a second machine: one line carries its certificate; revoked, it is out at once", {
  timeout: 180_000,
}, async () => {
  await machine.text("useradd --create-home guest");
  const line = (await machine.text([...START, "--add-machine", "web-1"].join(" "), { cwd: PROGRAMS })).trim();
  expect(line).not.toContain("\n");
  expect((await machine.shell(`ls ${STATE}/tls/web-1-key.pem`)).code).not.toBe(0);
  const again = await machine.run([...START, "--add-machine", "web-1"]);
  expect(again.stderr).toContain("web-1.pem exists");
  expect(again.code).toBe(1);

  const home = { HOME: "/home/guest" };
  await using agent = machine.start(["sh", "-c", line], { user: "guest", cwd: PROGRAMS, env: home });
  await agent.waitForLine(/successfully connected/, 60_000);
  await eventually("an event of web-1", async () =>
    (await event("web-1 keepalive"))?.status === 0 ? true : undefined,
  );
  expect(await machine.text("stat -c '%a %U' /home/guest/.sensu-agent/web-1 /home/guest/.sensu-agent/web-1/*.*")).toBe(
    `700 guest\n${"600 guest\n".repeat(4)}`,
  );
  const bundle = / printf %s (\S+) /.exec(line)?.[1] ?? "";
  expect(bundle.length).toBeGreaterThan(1000);
  // Only the shell that was given the line as its argument, by this test, shows it.
  const shown = await machine.text("cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -v 'umask 077' || true");
  expect(shown).not.toContain(bundle);

  await typed(lineWith(output, "sensu-pki revoke").replace("NAME", "web-1"));
  await agent.waitForLine(
    /reconnection attempt failed.*(?:401|403|revoked)|(?:401|403|revoked).*reconnection attempt failed/,
    90_000,
  );
});

test("a backend on loopback has no line for other machines, and says what to do", async () => {
  await using other = await Machine.start();
  await using started = other.start([...START, "--secure", "--no-agent"], { cwd: PROGRAMS });
  await started.waitForLine(/^Ctrl-C stops everything/, 90_000);
  expect(started.lines.join("\n")).toContain("start again with  npm start -- --secure --listen 0.0.0.0");
  const refused = await other.run([...START, "--add-machine", "web-1"], { cwd: PROGRAMS });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("other machines cannot reach 127.0.0.1");
});
