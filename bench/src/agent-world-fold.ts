import { BinaryReader, BinaryWriter, Identity, ProductType, Timestamp } from 'spacetimedb';
import { CHAIN_START, ChainHasher } from '../../src/core/chain.ts';
import { type Changes, replace } from '../../src/core/change.ts';
import { compose } from '../../src/core/compose.ts';
import { ContentHasher } from '../../src/core/content-hash.ts';
import { toHex } from '../../src/core/hash.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import { writePayload } from '../../src/core/op-payload.ts';
import type { OpKind, SubmittedOp } from '../../src/core/op.ts';
import { Text } from '../../src/core/text.ts';
import { LogVerifier } from '../../src/core/verify-log.ts';
import type { Row } from '../../src/world/bindings.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { opRecordOf } from '../../src/world/world-rows.ts';
import type { SequentialTrace } from '../../test/harness/trace-file.ts';
import { opRowType } from './op-row-bytes.ts';
import type { PrepareFold } from './subject.ts';
import { TraceText } from './trace-text.ts';

/** The verified fold: the chain at every op, the content hash at snapshots and at the end. */
export const prepareAgentWorldFold: PrepareFold = (trace) => {
  const log = new LogOfTrace(trace);
  const bytes = log.encoded();
  const { parts } = log;
  return Promise.resolve(() => {
    const verifier = new LogVerifier(nativeHash, (key) => ({ text: parts.get(key) }));
    const reader = new BinaryReader(bytes);
    while (reader.remaining > 0) {
      const fault = verifier.add(opRecordOf(readRow(reader) as Row<'file_op'>));
      if (fault) throw new Error(`op ${fault.opSeq} does not fit: ${fault.kind}`);
    }
    const fault = verifier.finish();
    if (fault) throw new Error(`the end does not fit: ${fault.kind}`);
    const [file] = verifier.files();
    if (!(file?.content instanceof LineBuffer)) throw new Error('there is no text');
    return file.content.toString();
  });
};

const readRow = ProductType.makeDeserializer(opRowType);
const writeRow = ProductType.makeSerializer(opRowType);
const author = new Identity('c2'.repeat(32));

/** Writes the rows and parts of content that a world has after one person typed a trace. */
class LogOfTrace {
  /** Texts of stored parts by their keys. */
  readonly parts = new Map<string, string>();
  private readonly writer = new BinaryWriter(1 << 20);
  private readonly chain = new ChainHasher(nativeHash);
  private readonly hasher = new ContentHasher(nativeHash);
  private text: Text;
  private hash: Uint8Array;
  private chainHash: Uint8Array = CHAIN_START;
  private opSeq = 0;
  private version = 1;

  constructor({ startContent, transactions }: SequentialTrace) {
    this.text = Text.of(startContent);
    this.hash = this.hasher.text(this.text);
    this.create(startContent);
    const traced = new TraceText(startContent);
    for (const { patches } of transactions) {
      let changes: Changes = [];
      for (const { position, deletedCount, inserted } of patches) {
        const { start, end } = traced.replace(position, deletedCount, inserted);
        changes = compose(changes, [replace(start, end, inserted)]);
      }
      this.edit(changes);
      if (this.version % DEFAULT_LIMITS.versionsPerSnapshot === 0) this.checkpoint();
    }
  }

  encoded(): Uint8Array {
    return this.writer.getBuffer();
  }

  private create(content: string): void {
    const shape = { kind: 'text', eol: 'lf', bom: false } as const;
    const byteLength = Buffer.byteLength(content);
    const { lineCount } = this.text;
    const payload = { ...shape, byteLength, lineCount, parts: this.storeParts() };
    this.append('create', {
      payload: writePayload('create', { path: 'trace.txt', mode: 'regular', content: payload }),
    });
  }

  private edit(changes: Changes): void {
    const beforeHash = this.hash;
    this.text = this.text.apply(changes);
    this.hash = this.hasher.text(this.text);
    this.version += 1;
    this.append('edit', { changes, beforeHash });
  }

  private checkpoint(): void {
    const payload = writePayload('checkpoint', { kind: 'text', parts: this.storeParts() });
    this.append('checkpoint', { payload });
  }

  private storeParts(): string[] {
    return this.text.groups.map((group) => {
      const key = toHex(this.hasher.group(group));
      this.parts.set(key, group.chunks.map((chunk) => chunk.lines.join('\n')).join('\n'));
      return key;
    });
  }

  private append(
    kind: OpKind,
    {
      changes = [],
      payload = '',
      beforeHash = this.hash,
    }: { changes?: Changes; payload?: string; beforeHash?: Uint8Array },
  ): void {
    this.opSeq += 1;
    const expectedBaseVersion = this.version - 1;
    const op: SubmittedOp = {
      opId: newUuid(Date.now(), systemRandomBytes),
      fileId: 1,
      expectedBaseVersion,
      intent: 'typing',
      author: '',
      carriedFrom: 0,
      overlaps: [],
      rangeHashes: [],
      changes,
    };
    const row: Row<'file_op'> = {
      ...op,
      opSeq: this.opSeq,
      batchId: newUuid(Date.now(), systemRandomBytes),
      version: this.version,
      kind,
      actor: author,
      author,
      madeAt: new Timestamp(BigInt(Date.now()) * 1000n),
      changes: [...changes],
      payload,
      overlaps: [],
      overwrote: [],
      firstLine: changes[0]?.startLine ?? 0,
      lastLine: changes.at(-1)?.endLine ?? 0,
      lineDelta: 0,
      payloadHash: this.chain.payload(op),
      beforeHash,
      afterHash: this.hash,
      chainHash: new Uint8Array(),
    };
    this.chainHash = this.chain.link(this.chainHash, opRecordOf(row));
    writeRow(this.writer, { ...row, chainHash: this.chainHash });
  }
}
