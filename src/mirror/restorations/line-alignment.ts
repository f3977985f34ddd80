/** Beyond so many pairs of lines two texts are not compared line by line. */
const MOST_PAIRS = 250_000;

/**
 * For each line of `old` the line of `now` that it is, or -1: as many as can be in order (the longest
 * common subsequence). Undefined where there are too many to be compared.
 */
export function alignLines(
  old: readonly string[],
  now: readonly string[],
): readonly number[] | undefined {
  let start = 0;
  const shorter = Math.min(old.length, now.length);
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  if ((oldEnd - start) * (nowEnd - start) > MOST_PAIRS) return undefined;
  const aligned = old.map((_, index) => {
    if (index < start) return index;
    return index >= oldEnd ? index - old.length + now.length : -1;
  });
  alignBetween(old.slice(start, oldEnd), now.slice(start, nowEnd), start, aligned);
  return aligned;
}

function alignBetween(
  old: readonly string[],
  now: readonly string[],
  offset: number,
  aligned: number[],
): void {
  const width = now.length + 1;
  // At [i, j]: how many lines the rests from i and j on have in common.
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] =
        old[i] === now[j]
          ? common[at + width + 1]! + 1
          : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  for (let i = 0, j = 0; i < old.length && j < now.length;) {
    if (old[i] === now[j]) aligned[offset + i++] = offset + j++;
    else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) i++;
    else j++;
  }
}
