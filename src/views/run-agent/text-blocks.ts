/** Owns: cutting an agent's Markdown into paragraphs and blocks of code. Nothing else of Markdown is read. */

/** A part of an agent's text, shown as text only. */
export interface TextBlock {
  readonly isCode: boolean;
  readonly text: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Of a text that is still being written, too: a block of code that nothing ends yet goes to the end. */
export function textBlocks(text: string): readonly TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let fence = '';
  const end = (isCode: boolean): void => {
    const joined = lines.join('\n');
    if (isCode || joined.trim() !== '') blocks.push({ isCode, text: joined });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1] ?? '';
    if (fence !== '') {
      if (mark.startsWith(fence) && line.trim() === mark) {
        end(true);
        fence = '';
      } else lines.push(line);
    } else if (mark !== '') {
      end(false);
      fence = mark;
    } else if (line.trim() === '') end(false);
    else lines.push(line);
  }
  end(fence !== '');
  return blocks;
}

/** The first block that is another one. */
export function firstDifference(before: readonly TextBlock[], after: readonly TextBlock[]): number {
  let at = 0;
  while (
    at < before.length &&
    at < after.length &&
    before[at]!.isCode === after[at]!.isCode &&
    before[at]!.text === after[at]!.text
  ) {
    at += 1;
  }
  return at;
}
