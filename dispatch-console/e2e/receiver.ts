// A push service and a provider of SMS, run by the test itself: keeps what is posted to it, and reads what was encrypted
// for its subscription (RFC 8291, from the browser's side).

import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Taken {
  path: string;
  body: Buffer;
}

/** As long as the slowest service of a loaded machine takes, in ms. */
const COMES_WITHIN_MS = 60_000;
const TAG_BYTES = 16;

export class Receiver {
  private readonly taken: Taken[] = [];
  private told: () => void = () => undefined;
  private readonly key = createECDH("prime256v1");
  private readonly auth = randomBytes(16);

  private constructor(private readonly server: Server) {
    this.key.generateKeys();
  }

  static async open(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, answer) => {
      void bodyOf(request).then((body) => {
        receiver.taken.push({ path: request.url ?? "", body });
        answer.writeHead(201).end();
        receiver.told();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a browser's `PushSubscription.toJSON()` would give. */
  get subscription() {
    const text = (it: Buffer) => it.toString("base64url");
    return { endpoint: `${this.origin}/phone`, keys: { p256dh: text(this.key.getPublicKey()), auth: text(this.auth) } };
  }

  /** The next that was posted to this path; those to other paths stay. */
  async next(path: string): Promise<Buffer> {
    const until = Date.now() + COMES_WITHIN_MS;
    for (;;) {
      const at = this.taken.findIndex((it) => it.path === path);
      const [found] = at < 0 ? [] : this.taken.splice(at, 1);
      if (found) return found.body;
      await new Promise<void>((go, failed) => {
        const late = setTimeout(() => failed(new Error(`nothing was posted to ${path}`)), Math.max(0, until - Date.now()));
        this.told = () => {
          clearTimeout(late);
          go();
        };
      });
    }
  }

  /** The next push, decrypted. */
  async push(): Promise<Record<string, Record<string, unknown> | undefined>> {
    const body = await this.next("/phone");
    const [salt, length] = [body.subarray(0, 16), body[20] ?? 0];
    const theirs = body.subarray(21, 21 + length);
    const sealed = body.subarray(21 + length);
    const shared = this.key.computeSecret(theirs);
    const expand = (secret: Buffer, with_: Buffer, info: Buffer, bytes: number) => Buffer.from(hkdfSync("sha256", secret, with_, info, bytes));
    const secret = expand(shared, this.auth, Buffer.concat([Buffer.from("WebPush: info\0"), this.key.getPublicKey(), theirs]), 32);
    const [key, nonce] = [expand(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16), expand(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12)];
    const open = createDecipheriv("aes-128-gcm", key, nonce);
    open.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([open.update(sealed.subarray(0, -TAG_BYTES)), open.final()]);
    // The last byte marks the last record.
    return JSON.parse(plain.subarray(0, -1).toString()) as Record<string, Record<string, unknown>>;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
