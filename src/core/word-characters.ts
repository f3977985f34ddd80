/** How many letters and digits a text has: what is little of them may stand somewhere by chance. */
export function wordCharacters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** So many of them stand nowhere by chance. */
export const TELLING = 12;
