// The real service with a data folder of its own, on free ports of this machine: started, killed and started again.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const HERE = import.meta.dirname;
const TARGET = process.env.CARGO_TARGET_DIR ?? join(HERE, "../../target");
const BINARY = process.env.TIDEWATCH_BIN ?? join(TARGET, "debug/tidewatch");

/** The service takes every TIDEWATCH_ variable for a setting; ours is none. */
const { TIDEWATCH_BIN: _ours, ...ENV } = process.env;

const ACCOUNTS = [
  ["chen", "--role", "operator"],
  ["lin", "--role", "operator"],
  ["wang", "--role", "supervisor"],
  ["zhou", "--role", "responder", "--responder", "R-1"],
  ["mei", "--role", "responder", "--responder", "R-2"],
  ["exchange", "--role", "gateway"],
] as const;

export type Who = (typeof ACCOUNTS)[number][0];

/** A debug build on a loaded machine of two cores needs seconds for what takes milliseconds. In ms. */
const READY_WITHIN_MS = 90_000;
const ANSWER_WITHIN_MS = 30_000;
/** A frame that was not answered is sent again, as a watch does: the same bytes are the same press. */
const PRESSES = 3;

/** Below the ports that outgoing connections are given: while the service is down nobody else comes to hold its port. */
const PORTS = { from: 20_000, to: 32_000 };
const PORTS_TRIED = 50;

export interface Furnished {
  /** Further lines of the world. */
  world?: string;
  /** Lines of a configuration file. */
  config?: string;
  /** Further responders with an account of the same name in small letters. */
  responders?: string[];
}

export class House {
  private constructor(
    private readonly folder: string,
    private readonly secrets: Record<string, string>,
    private readonly http: string,
    private readonly watch: string,
  ) {}

  private child: ChildProcess | null = null;

  static async open({ world = "", config = "", responders = [] }: Furnished = {}): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), "tidewatch-e2e-"));
    writeFileSync(join(folder, "config.toml"), config);
    const house = new House(folder, {}, `127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`);
    house.run("import", join(HERE, "world.toml"));
    if (world) {
      writeFileSync(join(folder, "more.toml"), world);
      house.run("import", join(folder, "more.toml"));
    }
    for (const [name, ...rest] of ACCOUNTS) house.account(name, ...rest);
    for (const id of responders) house.account(id.toLowerCase(), "--role", "responder", "--responder", id);
    await house.start();
    return house;
  }

  private run(word: string, ...rest: string[]): string {
    const words = word === "account" ? [word, "add"] : [word];
    return execFileSync(BINARY, [...words, "--data", join(this.folder, "data"), ...rest], { encoding: "utf8", env: ENV, timeout: READY_WITHIN_MS });
  }

  private account(name: string, ...rest: string[]): void {
    const secret = this.run("account", "--name", name, ...rest).match(/tw_\w+/)?.[0];
    if (!secret) throw new Error(`account add --name ${name} printed no secret`);
    this.secrets[name] = secret;
  }

  /** Each time on the same ports. */
  async start(): Promise<void> {
    const words = ["serve", "--config", join(this.folder, "config.toml"), "--data", join(this.folder, "data"), "--http", this.http, "--watch", this.watch];
    const child = spawn(BINARY, words, { stdio: ["ignore", "pipe", "pipe"], env: ENV });
    this.child = child;
    const said: string[] = [];
    child.stderr.on("data", (it: Buffer) => said.splice(0, said.length, ...said.slice(-20), String(it)));
    const late = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
    try {
      for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("ready ")) return;
    } finally {
      clearTimeout(late);
    }
    throw new Error(`the service ended, or was not ready within ${READY_WITHIN_MS} ms: ${said.join("")}`);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.child;
    // Who was killed has no exit code, and does not exit a second time.
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((go) => child.once("exit", go));
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get origin(): string {
    return `http://${this.http}`;
  }

  secret(who: string): string {
    const secret = this.secrets[who];
    if (!secret) throw new Error(`there is no account ${who}`);
    return secret;
  }

  async ask<T = Record<string, unknown>>(who: Who, method: string, path: string, body?: unknown): Promise<T> {
    const headers = { Authorization: `Bearer ${this.secret(who)}`, "Content-Type": "application/json" };
    const answer = await fetch(`${this.origin}/api/v1${path}`, { method, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Presses the button of a watch, over TCP, and waits until it was answered. `status` are the bits it reports. */
  async press(identity: string, status = "00010000"): Promise<void> {
    const time = new Date().toISOString();
    const [date, hms] = [time.slice(8, 10) + time.slice(5, 7) + time.slice(2, 4), time.slice(11, 19).replaceAll(":", "")];
    const content = `AL,${date},${hms},V,0.0,N,0.0,E,0.00,0.0,0.0,0,60,80,0,0,${status},0,0,460,0`;
    const length = content.length.toString(16).toUpperCase().padStart(4, "0");
    const frame = `[3G*${identity}*${length}*${content}]`;
    let why: unknown;
    for (let n = 0; n < PRESSES; n++) {
      try {
        return await this.say(frame);
      } catch (error) {
        why = error;
      }
    }
    throw new Error(`the watch ${identity} was not answered in ${PRESSES} tries`, { cause: why });
  }

  /** Until it was answered. A line that is closed, or says nothing for long, is an answer too: a bad one. */
  private say(frame: string): Promise<void> {
    const [host, port] = this.watch.split(":");
    return new Promise((answered, failed) => {
      const socket = createConnection({ host, port: Number(port) });
      socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error("no answer within the bound")));
      socket.on("error", failed);
      socket.on("close", () => failed(new Error("closed without an answer")));
      socket.once("data", () => {
        answered();
        socket.end();
      });
      socket.write(frame);
    });
  }

  /** What a telephone exchange saw. */
  call(call: string, event: string, from: string): Promise<unknown> {
    return this.ask("exchange", "POST", "/calls", { call, event, from, to: "967890", at: new Date().toISOString() });
  }
}

async function freePort(): Promise<number> {
  for (let n = 0; n < PORTS_TRIED; n++) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${PORTS_TRIED} ports tried between ${PORTS.from} and ${PORTS.to} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((found) => {
    const server = createServer();
    server.once("error", () => found(false));
    server.listen(port, "127.0.0.1", () => server.close(() => found(true)));
  });
}
