// A picture of one colour, and a PMTiles archive (version 3) of that one picture: the smallest base maps there are.

import { crc32, deflateSync } from "node:zlib";

const SIDE_PX = 256;

export function picture([red, green, blue]: [number, number, number]): Buffer {
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(SIDE_PX * 3, Buffer.of(red, green, blue))]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIDE_PX, 0);
  head.writeUInt32BE(SIDE_PX, 4);
  // Eight bits, red, green and blue.
  head.set([8, 2], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: SIDE_PX }, () => row)));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

const HEAD_BYTES = 127;
const AS_IT_IS = 1;
const PNG = 2;

/** One tile for the whole earth, seen closer than it was made. */
export function archive(tile: Buffer): Buffer {
  const directory = Buffer.concat([Buffer.of(1, 0, 1), varint(tile.length), Buffer.of(1)]);
  const metadata = Buffer.from("{}");
  const head = Buffer.alloc(HEAD_BYTES);
  head.write("PMTiles", 0);
  head[7] = 3;
  const parts = [[HEAD_BYTES, directory.length], [HEAD_BYTES + directory.length, metadata.length], [0, 0], [HEAD_BYTES + directory.length + metadata.length, tile.length]].flat();
  [...parts, 1, 1, 1].forEach((it, i) => head.writeBigUInt64LE(BigInt(it), 8 + 8 * i));
  head.set([1, AS_IT_IS, AS_IT_IS, PNG, 0, 0], 96);
  [-180, -85, 180, 85].forEach((it, i) => head.writeInt32LE(it * 1e7, 102 + 4 * i));
  return Buffer.concat([head, directory, metadata, tile]);
}

function varint(n: number): Buffer {
  const bytes: number[] = [];
  for (let rest = n; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
