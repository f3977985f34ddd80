/** Matching where a star stands for any run; backs up to the last star only, so never explodes. */
export function matchesWithStars(
  globLength: number,
  length: number,
  isStar: (at: number) => boolean,
  matches: (at: number, index: number) => boolean,
): boolean {
  let at = 0;
  let index = 0;
  let star = -1;
  let starIndex = 0;
  while (index < length) {
    if (at < globLength && isStar(at)) {
      star = at++;
      starIndex = index;
    } else if (at < globLength && matches(at, index)) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starIndex;
    } else {
      return false;
    }
  }
  while (at < globLength && isStar(at)) at++;
  return at === globLength;
}

/** True for a name that a pattern of letters, `?` and `*` stands for; both in the same form. */
export function matchesName(pattern: string, name: string): boolean {
  return matchesWithStars(
    pattern.length,
    name.length,
    (at) => pattern[at] === '*',
    (at, index) => pattern[at] === '?' || pattern[at] === name[index],
  );
}

/**
 * True where some sequence is one that both of two patterns stand for. `isStar` says whether an item of a
 * side stands for any run, `meet` whether two others stand for something together. In |a| · |b| steps.
 */
export function patternsMeet<Item>(
  a: ArrayLike<Item>,
  b: ArrayLike<Item>,
  isStar: (item: Item) => boolean,
  meet: (one: Item, other: Item) => boolean,
): boolean {
  // `meets[j]`: what is left of `a` from the row on, and of `b` from j on, stand for something together.
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i--) {
    const row: boolean[] = [];
    for (let j = b.length; j >= 0; j--) {
      const [one, other] = [i < a.length ? a[i] : undefined, j < b.length ? b[j] : undefined];
      const isOneStar = one !== undefined && isStar(one);
      const isOtherStar = other !== undefined && isStar(other);
      if (one === undefined && other === undefined) row[j] = true;
      // A star ends here, or takes what the other side has next.
      else if (isOneStar) row[j] = below[j]! || (other !== undefined && row[j + 1]!);
      else if (isOtherStar) row[j] = row[j + 1]! || (one !== undefined && below[j]!);
      else if (one === undefined || other === undefined) row[j] = false;
      else row[j] = below[j + 1]! && meet(one, other);
    }
    below = row;
  }
  return below[0]!;
}
