// A responder's phone without a page: a websocket that says and does not listen. Node 20 has none of its own.

import { randomBytes } from "node:crypto";
import { createConnection, type Socket } from "node:net";

export class PhoneLink {
  private constructor(private readonly socket: Socket) {}

  static open(host: string, secret: string): Promise<PhoneLink> {
    const [name, port] = host.split(":");
    return new Promise((opened, failed) => {
      const socket = createConnection({ host: name, port: Number(port) });
      socket.on("error", failed);
      socket.once("data", (answer) => {
        if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) return failed(new Error(answer.toString("latin1").split("\r\n")[0]));
        // What is said to it is read and forgotten, or the service would wait for it.
        socket.resume();
        opened(new PhoneLink(socket));
      });
      const lines = ["GET /api/v1/responder/live HTTP/1.1", `Host: ${host}`, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`, `Authorization: Bearer ${secret}`];
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    });
  }

  say(message: unknown): void {
    const body = Buffer.from(JSON.stringify(message));
    // One frame of text; a mask of zeros is a mask too.
    const head = body.length < 126 ? Buffer.of(0x81, 0x80 | body.length) : Buffer.of(0x81, 0x80 | 126, body.length >> 8, body.length & 255);
    this.socket.write(Buffer.concat([head, Buffer.alloc(4), body]));
  }

  close(): void {
    this.socket.destroy();
  }
}
