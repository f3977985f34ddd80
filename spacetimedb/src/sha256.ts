import type { Hash } from '../../src/core/hash.ts';

/**
 * SHA-256 (FIPS 180-4) for where there is no native one. A general library spends half its time on
 * streaming and on copies that the short inputs of one keystroke do not need.
 */
export const sha256: Hash = (data) => {
  state.set(INITIAL_STATE);
  const wholeBytes = data.length & ~63;
  for (let start = 0; start < wholeBytes; start += 64) compress(data, start);
  finish(data, wholeBytes);
  return digest();
};

/** Pads the last bytes as the standard says: a one bit, zeros, and the length in bits. */
function finish(data: Uint8Array, wholeBytes: number): void {
  const rest = data.length - wholeBytes;
  tail.fill(0);
  tail.set(data.subarray(wholeBytes));
  tail[rest] = 0x80;
  const end = rest < 56 ? 64 : 128;
  tailView.setUint32(end - 8, Math.floor(data.length / 0x2000_0000));
  tailView.setUint32(end - 4, data.length << 3);
  compress(tail, 0);
  if (end === 128) compress(tail, 64);
}

function digest(): Uint8Array {
  const result = new Uint8Array(32);
  for (let index = 0; index < 8; index++) {
    const word = state[index]!;
    result[4 * index] = word >>> 24;
    result[4 * index + 1] = word >>> 16;
    result[4 * index + 2] = word >>> 8;
    result[4 * index + 3] = word;
  }
  return result;
}

/** Takes one block of 64 bytes into the state; names as in the standard. */
function compress(data: Uint8Array, start: number): void {
  expand(data, start);
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = g ^ (e & (f ^ g));
    const t1 = (h + sum1 + choice + ROUND_CONSTANTS[t]! + schedule[t]!) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (c & (a ^ b));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + sum0 + majority) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** Fills the message schedule from a block. */
function expand(data: Uint8Array, start: number): void {
  for (let t = 0, at = start; t < 16; t++, at += 4) {
    schedule[t] = (data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!;
    const y = schedule[t - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[t] = s1 + schedule[t - 7]! + s0 + schedule[t - 16]!;
  }
}

/** Square roots of the first primes, their fractions: the standard's starting state. */
const INITIAL_STATE = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));
/** Cube roots of the first primes, their fractions. */
const ROUND_CONSTANTS = Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));

const state = new Int32Array(8);
const schedule = new Int32Array(64);
const tail = new Uint8Array(128);
const tailView = new DataView(tail.buffer);

function fraction(value: number): number {
  return ((value - Math.floor(value)) * 0x1_0000_0000) | 0;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
