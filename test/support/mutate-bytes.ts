/** Damages a file as transport, cheap editors and attackers do; equal random numbers give equal damage. */

export type Random = () => number;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

type Damage = (bytes: Buffer, random: Random) => Buffer;

const somewhere = (bytes: Buffer, random: Random, roomBytes = 1) =>
  Math.floor(random() * Math.max(1, bytes.length - roomBytes + 1));

/** Most of what is told by a header stands at the front, so half of the hits go there. */
const nearTheFront = (bytes: Buffer, random: Random, roomBytes = 1) =>
  random() < 0.5
    ? Math.min(
        somewhere(bytes, random, roomBytes),
        Math.floor(random() * 128),
        Math.max(0, bytes.length - roomBytes),
      )
    : somewhere(bytes, random, roomBytes);

const changeByte: Damage = (bytes, random) => {
  bytes[nearTheFront(bytes, random)] = pick(random, [0, 1, 0x7f, 0x80, 0xff, Math.floor(random() * 256)]);
  return bytes;
};

const flipBit: Damage = (bytes, random) => {
  const at = nearTheFront(bytes, random);
  bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
  return bytes;
};

/** Sizes and offsets at the edges where arithmetic goes wrong. */
const writeNumber: Damage = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const value = pick(random, [0, 1, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]);
  const at = nearTheFront(bytes, random, 4);
  if (random() < 0.5) bytes.writeUInt32LE(value, at);
  else bytes.writeUInt32BE(value, at);
  return bytes;
};

const cut: Damage = (bytes, random) => bytes.subarray(0, somewhere(bytes, random));

const blank: Damage = (bytes, random) => {
  const from = somewhere(bytes, random);
  return bytes.fill(pick(random, [0, 0xff]), from, Math.min(bytes.length, from + Math.ceil(random() * 64)));
};

const remove: Damage = (bytes, random) => {
  const from = somewhere(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + Math.ceil(random() * 64))]);
};

/** Parts that occur twice, and parts in the place of others. */
const copy: Damage = (bytes, random) => {
  const from = somewhere(bytes, random);
  const part = bytes.subarray(from, from + Math.ceil(random() * 64));
  const to = somewhere(bytes, random);
  const kept = random() < 0.5 ? 0 : part.length;
  return Buffer.concat([bytes.subarray(0, to), part, bytes.subarray(to + kept)]);
};

const damages: Damage[] = [changeByte, changeByte, flipBit, flipBit, writeNumber, cut, blank, remove, copy];

/** A copy with one to eight damages. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let damaged: Buffer = Buffer.from(bytes);
  const count = 1 + Math.floor(random() * random() * 8);
  for (let round = 0; round < count && damaged.length > 0; round++)
    damaged = pick(random, damages)(damaged, random);
  return damaged.length > 0 ? damaged : Buffer.from(bytes.subarray(0, 1));
}
