import { encodedCall } from '../../test/harness/encoded-call.ts';
import {
  queryMessage,
  subscribeMessage,
  unsubscribeMessage,
} from '../../src/contract/client-messages.ts';

/** What a flood is made of. */
export type FloodKind = 'edits' | 'presence' | 'queries';

/** Makes one message after the other, cheaply, so that it is never the sender who is slow. */
export class FloodMessages {
  done = 0;
  refused = 0;
  readonly #next: () => Buffer;

  constructor(kind: FloodKind, fileId: number) {
    switch (kind) {
      case 'edits':
        this.#next = this.#edits(fileId);
        break;
      case 'presence':
        this.#next = presence(fileId);
        break;
      case 'queries':
        this.#next = queries();
    }
  }

  next(): Buffer {
    return this.#next();
  }

  /** Counts the answers to calls; each begins with compression, kind, id and time. */
  heard(message: Buffer): void {
    if (message[1] !== REDUCER_RESULT) return;
    const outcome = message[OUTCOME_AT] ?? 0;
    if (outcome < REFUSED) this.done += 1;
    else this.refused += 1;
  }

  /** Each types one character on top of all those before it, before any of them is answered. */
  #edits(fileId: number): () => Buffer {
    const firstId = newIdBefore('000000000000');
    const template = encodedCall('apply_file_ops', batchOf(fileId, firstId));
    const opIdAt = template.indexOf(firstId);
    const versionAt = opIdAt + firstId.length + 4;
    let number = 0;
    let version = 1;
    let refusedBefore = 0;
    return () => {
      if (this.refused !== refusedBefore) {
        refusedBefore = this.refused;
        version = this.done + 1;
      }
      const message = Buffer.from(template);
      const digits = (++number).toString(16).padStart(12, '0');
      message.write(digits, opIdAt + firstId.length - digits.length, 'latin1');
      message.writeUInt32LE(version++, versionAt);
      return message;
    };
  }
}

/** A cursor that jumps about, in the same file. */
function presence(fileId: number): () => Buffer {
  const selections: never[] = [];
  const place = { fileId, version: 1, selections, typing: true, activity: '' };
  const message = encodedCall('update_presence', place);
  return () => message;
}

/** Whole tables, asked for and subscribed to again and again. */
function queries(): () => Buffer {
  const messages = [
    queryMessage('SELECT * FROM file_head'),
    queryMessage('SELECT * FROM workspace_member WHERE paused = false'),
    subscribeMessage('SELECT * FROM content_chunk', 'SELECT * FROM file_head'),
    unsubscribeMessage(),
  ];
  let index = 0;
  return () => messages[index++ % messages.length]!;
}

function batchOf(fileId: number, opId: string) {
  const change = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'x' };
  const op = {
    opId,
    fileId,
    expectedBaseVersion: 1,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [change],
  };
  return { batch: { batchId: newIdBefore('ffffffffffff'), extends: 0, ops: [op] } };
}

/** A fresh id with these digits at its end. */
function newIdBefore(digits: string): string {
  return crypto.randomUUID().slice(0, -digits.length) + digits;
}

const REDUCER_RESULT = 6;
const OUTCOME_AT = 14;
const REFUSED = 2;
