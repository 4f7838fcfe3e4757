// The real service with a data folder of its own, on free ports of this machine: started, killed and started again.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
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

export class House {
  private constructor(
    private readonly data: string,
    private readonly secrets: Record<string, string>,
  ) {}

  private child: ChildProcess | null = null;
  private http = "127.0.0.1:0";
  private watch = "127.0.0.1:0";

  /** `more`: further lines of the world. */
  static async open(more = ""): Promise<House> {
    const data = mkdtempSync(join(tmpdir(), "tidewatch-e2e-"));
    const run = (...words: string[]) => execFileSync(BINARY, words, { encoding: "utf8", env: ENV });
    run("import", "--data", data, join(HERE, "world.toml"));
    if (more) {
      writeFileSync(join(data, "more.toml"), more);
      run("import", "--data", data, join(data, "more.toml"));
    }
    const secrets: Record<string, string> = {};
    for (const [name, ...rest] of ACCOUNTS) {
      const said = run("account", "add", "--data", data, "--name", name, ...rest);
      secrets[name] = said.match(/tw_\w+/)?.[0] ?? "";
    }
    const house = new House(data, secrets);
    await house.start();
    return house;
  }

  /** The first time on free ports, then on the same. */
  async start(): Promise<void> {
    const child = spawn(BINARY, ["serve", "--data", this.data, "--http", this.http, "--watch", this.watch], { stdio: ["ignore", "pipe", "pipe"], env: ENV });
    this.child = child;
    const said: string[] = [];
    child.stderr.on("data", (it: Buffer) => said.splice(0, said.length, ...said.slice(-20), String(it)));
    for await (const line of createInterface({ input: child.stdout })) {
      const ready = line.match(/^ready http=(\S+) watch=(\S+)/);
      if (!ready) continue;
      this.http = ready[1] ?? this.http;
      this.watch = ready[2] ?? this.watch;
      return;
    }
    throw new Error(`the service ended before it was ready: ${said.join("")}`);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((go) => child.once("exit", go));
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  get origin(): string {
    return `http://${this.http}`;
  }

  secret(who: Who): string {
    return this.secrets[who] ?? "";
  }

  async ask<T = Record<string, unknown>>(who: Who, method: string, path: string, body?: unknown): Promise<T> {
    const headers = { Authorization: `Bearer ${this.secret(who)}`, "Content-Type": "application/json" };
    const answer = await fetch(`${this.origin}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Presses the button of a watch, over TCP, and waits until it was answered. `status` are the bits it reports. */
  async press(identity: string, status = "00010000"): Promise<void> {
    const time = new Date().toISOString();
    const [date, hms] = [time.slice(8, 10) + time.slice(5, 7) + time.slice(2, 4), time.slice(11, 19).replaceAll(":", "")];
    const content = `AL,${date},${hms},V,0.0,N,0.0,E,0.00,0.0,0.0,0,60,80,0,0,${status},0,0,460,0`;
    const length = content.length.toString(16).toUpperCase().padStart(4, "0");
    const [host, port] = this.watch.split(":");
    await new Promise<void>((answered, failed) => {
      const socket = createConnection({ host, port: Number(port) });
      socket.on("error", failed);
      socket.on("data", () => {
        socket.end();
        answered();
      });
      socket.write(`[3G*${identity}*${length}*${content}]`);
    });
  }

  /** What a telephone exchange saw. */
  call(call: string, event: string, from: string): Promise<unknown> {
    return this.ask("exchange", "POST", "/calls", { call, event, from, to: "967890", at: new Date().toISOString() });
  }
}
