import type { WorldSize } from '../world/world-sizes.ts';
import { countOf, describeBytes } from './finding.ts';

/** How large a world is, by as many ops as were seen of it. */
export function describeSize(size: WorldSize | undefined, ops = size?.ops ?? 0): string {
  const count = countOf(ops, 'op');
  return size?.bytes === undefined ? count : `${count} in ${describeBytes(size.bytes)}`;
}
