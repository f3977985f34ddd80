/**
 * Owns: the part of two texts that has to be compared: without the lines at the start and at the end that are
 * the same in both. Does not know: how lines are compared.
 */

/** Codes for lines leave out the surrogates, so that every run of them is well-formed. */
export const MAX_DISTINCT_LINES = 0xd7ff;

export interface DifferingPart {
  /** The first line of both parts. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/**
 * Undefined where more than the part decides which changes lead from one text to the other: a line that comes
 * or goes next to lines like it has several places to be at.
 */
export function differingPart(before: string, after: string): DifferingPart | undefined {
  const { from, line } = commonStart(before, after);
  const same = commonEnd(before, after, from);
  const [to, newTo] = [before.length - same, after.length - same];
  const old = linesOf(before.slice(from, to));
  const fresh = linesOf(after.slice(from, newTo));
  // A difference of more lines than can be told apart is another one.
  if (line + old.length + fresh.length > MAX_DISTINCT_LINES) return undefined;
  const around = [lineBefore(before, from), lineBehind(before, to)];
  if (!areDistinct(old, around) || !areDistinct(fresh, around)) return undefined;
  return { line, before: old.join(''), after: fresh.join('') };
}

/** Lines with their line ends; the last one without, and left out when empty. */
export function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(from, next));
    from = next;
  }
  return lines;
}

/** How far whole lines at the start are the same, and how many they are. */
function commonStart(a: string, b: string): { readonly from: number; readonly line: number } {
  const most = Math.min(a.length, b.length);
  const same = longest(most, (from, to) => a.slice(from, to) === b.slice(from, to));
  const from = same === 0 ? 0 : a.lastIndexOf('\n', same - 1) + 1;
  let line = 0;
  for (let at = a.indexOf('\n'); at >= 0 && at < from; at = a.indexOf('\n', at + 1)) line += 1;
  return { from, line };
}

/** The length of the whole lines at the end that are the same, without what lies before `from`. */
function commonEnd(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length) - from;
  const [endOfA, endOfB] = [a.length, b.length];
  const same = longest(
    most,
    (near, far) => a.slice(endOfA - far, endOfA - near) === b.slice(endOfB - far, endOfB - near),
  );
  const begins = (text: string): boolean => {
    const at = text.length - same;
    return at === from || text.charCodeAt(at - 1) === LF;
  };
  if (begins(a) && begins(b)) return same;
  const lineEnd = a.indexOf('\n', endOfA - same);
  return lineEnd < 0 ? 0 : endOfA - lineEnd - 1;
}

/** The greatest length up to which all is the same; whole pieces are compared faster than characters. */
function longest(most: number, isSame: (from: number, to: number) => boolean): number {
  let known = 0;
  let differs = most + 1;
  for (let step = FIRST_PIECE; known + 1 < differs; step *= 2) {
    const to = Math.min(known + step, differs - 1);
    if (isSame(known, to)) {
      known = to;
    } else {
      differs = to;
      step = (to - known) / 4;
    }
    step = Math.max(1, Math.floor(step));
  }
  return known;
}

function lineBefore(text: string, to: number): string | undefined {
  if (to === 0) return undefined;
  return text.slice(to === 1 ? 0 : text.lastIndexOf('\n', to - 2) + 1, to);
}

function lineBehind(text: string, from: number): string | undefined {
  if (from === text.length) return undefined;
  const end = text.indexOf('\n', from);
  return text.slice(from, end < 0 ? text.length : end + 1);
}

/** True for lines of which no two, and none and one of those around, are the same. */
function areDistinct(lines: readonly string[], around: readonly (string | undefined)[]): boolean {
  return (
    new Set(lines).size === lines.length &&
    !around.some((each) => each !== undefined && lines.includes(each))
  );
}

const LF = 0x0a;
const FIRST_PIECE = 256;
