import type { IdentityHex } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import type { PastOp } from './file-past.ts';

/** What a judge needs of a world. Calls wait for the connection. */
export interface PastSource {
  /** The folder's own member. */
  readonly own: IdentityHex;
  /**
   * True when it is known without reading the ops that all versions after one up to another are the
   * member's own work; false also where nobody knows.
   */
  isOwn(fileId: number, afterVersion: number, upToVersion: number): Promise<boolean>;
  /**
   * The ops since the newest version before one that had just this text, where that is known without asking
   * for it; undefined elsewhere.
   */
  since(fileId: number, text: Text, version: number): Promise<readonly PastOp[] | undefined>;
  /** The ops that made the versions after one up to another, in order. */
  opsOf(fileId: number, afterVersion: number, upToVersion: number): Promise<readonly PastOp[]>;
  /** Undefined where the file was binary. */
  textAt(fileId: number, version: number): Promise<Text | undefined>;
  /** Who has text in a file as it is; imported text is nobody's. */
  authorsOf(fileId: number): Promise<readonly IdentityHex[]>;
}
