import { bsatnToHex, type IdentityHex } from './identity.ts';
import type { TableChange } from './datastore/transaction.ts';

/**
 * Identities whose `workspace_member` row now says they were removed. This is a rule of Agent
 * World's own, not of SpacetimeDB, which has no way to end a connection: a removed member must stop
 * reading at once, and only closing the connection does that.
 */
export function removedMembers(changes: readonly TableChange[]): IdentityHex[] {
  const removed: IdentityHex[] = [];
  for (const { table, inserted } of changes) {
    if (table.schema.name !== 'workspace_member') continue;
    const named = (name: string) =>
      table.schema.def.columns.findIndex((column) => column.name === name);
    const [identity, removedAt] = [
      Math.max(named('identity'), 0),
      Math.max(named('removed_at'), named('removedAt')),
    ];
    if (removedAt < 0) continue;
    for (const { bytes } of inserted) {
      const some = bytes.readUInt8(table.schema.columnSpan(bytes, removedAt).start) === 0;
      const { start, end } = table.schema.columnSpan(bytes, identity);
      if (some) removed.push(bsatnToHex(bytes.subarray(start, end)));
    }
  }
  return removed;
}
