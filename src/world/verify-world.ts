import { CHAIN_START, ChainHasher } from '../core/chain.ts';
import { sameBytes, toHex } from '../core/hash.ts';
import { downloadOps } from './download-log.ts';
import { nativeHash } from './native-hash.ts';
import type { KnownWorld, WorldList } from './world-list.ts';
import type { WorldSession } from './world-session.ts';

export type WorldVerdict =
  | {
      readonly tag: 'verified';
      readonly ops: number;
      readonly files: number;
      /** Hexadecimal. */
      readonly headChainHash: string;
    }
  /** `opSeq` is the first op that does not fit. */
  | { readonly tag: 'broken'; readonly opSeq: number; readonly reason: string };

export interface VerifyOptions {
  readonly session: WorldSession;
  readonly world: Pick<KnownWorld, 'server' | 'database'>;
  readonly worlds: WorldList;
}

/** TEMPORARY until core can replay contents: the chain only. */
export async function verifyWorld(options: VerifyOptions): Promise<WorldVerdict> {
  const { session } = options;
  const link = await session.whenOnline();
  const headSeq = session.workspace?.headSeq ?? 0;
  const chain = new ChainHasher(nativeHash);
  let previous = CHAIN_START;
  let expected = 1;
  for await (const ops of downloadOps(link, headSeq)) {
    for (const op of ops) {
      if (op.opSeq !== expected) return { tag: 'broken', opSeq: expected, reason: 'missing' };
      const hash = chain.link(previous, op);
      if (!sameBytes(hash, op.chainHash)) {
        return { tag: 'broken', opSeq: op.opSeq, reason: 'chain' };
      }
      previous = hash;
      expected += 1;
    }
  }
  const files = [...session.view.files.values()].length;
  return { tag: 'verified', ops: headSeq, files, headChainHash: toHex(previous) };
}
