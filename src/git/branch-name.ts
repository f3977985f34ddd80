import { isBranchName } from '../core/git-point.ts';

/** The branch that a world is written out to unless another is chosen. */
export function branchOf(world: string): string {
  const name = world
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/\.\.+/g, '.')
    .replaceAll(/^[-.]+|[-.]+$|\.lock$/g, '');
  const branch = `world/${name}`;
  return isBranchName(branch) ? branch : 'world/world';
}
