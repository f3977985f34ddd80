/** True when `version` may be given to a host: `1.2.3` or `1.2.3-pre.1`, build metadata ignored. */
export function isHostVersion(version: string): boolean {
  return PATTERN.test(version);
}

/** True when `left` comes after `right` in semantic versioning's order. */
export function isNewerVersion(left: string, right: string): boolean {
  return compareVersions(left, right) > 0;
}

const PATTERN =
  /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/;

function compareVersions(left: string, right: string): number {
  const [leftNumbers, leftPrerelease] = parse(left);
  const [rightNumbers, rightPrerelease] = parse(right);
  for (const [place, number] of leftNumbers.entries()) {
    const difference = number - (rightNumbers[place] ?? 0);
    if (difference !== 0) return difference;
  }
  // A release comes after its own prereleases.
  if (leftPrerelease === undefined) return rightPrerelease === undefined ? 0 : 1;
  if (rightPrerelease === undefined) return -1;
  return comparePrereleases(leftPrerelease, rightPrerelease);
}

function parse(version: string): [numbers: readonly number[], prerelease: string | undefined] {
  const match = PATTERN.exec(version);
  if (match === null) throw new RangeError(`not a version: ${version}`);
  return [[Number(match[1]), Number(match[2]), Number(match[3])], match[4]];
}

function comparePrereleases(left: string, right: string): number {
  const leftParts = left.split('.');
  const rightParts = right.split('.');
  for (const [place, leftPart] of leftParts.entries()) {
    const rightPart = rightParts[place];
    if (rightPart === undefined) return 1;
    const difference = comparePrereleaseParts(leftPart, rightPart);
    if (difference !== 0) return difference;
  }
  return leftParts.length - rightParts.length;
}

function comparePrereleaseParts(left: string, right: string): number {
  const leftIsNumber = /^\d+$/.test(left);
  const rightIsNumber = /^\d+$/.test(right);
  if (leftIsNumber && rightIsNumber) return Number(left) - Number(right);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
