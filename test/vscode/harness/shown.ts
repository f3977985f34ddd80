// What a window shows, as its user sees it.
import type { EditorWindow } from './window.ts';

interface ShownElement {
  readonly textContent: string | null;
  readonly style: { readonly top: string };
  querySelectorAll(selector: string): Iterable<ShownElement>;
  getAttribute(name: string): string | null;
  closest(selector: string): ShownElement | null;
}

interface ShownPage {
  readonly document: {
    readonly activeElement: ShownElement | null;
    querySelectorAll(selector: string): Iterable<ShownElement>;
  };
  getComputedStyle(
    element: ShownElement,
    pseudo?: string,
  ): { readonly content: string; readonly borderStyle: string };
}

const DEADLINE_MS = 30_000;

/**
 * Waits until a file's row in the Explorer has this badge; `any` is one of whatever kind, `` none. The number of changes
 * to look at, such as `±3`, which may stand beside it, is none of these.
 */
export async function explorerBadge(
  window: EditorWindow,
  file: string,
  badge: string,
): Promise<void> {
  await window.page.waitForFunction(
    ({ file, badge }) => {
      const page = globalThis as unknown as ShownPage;
      const rows = [...page.document.querySelectorAll('.explorer-folders-view .monaco-list-row')];
      const row = rows.find(({ textContent }) => textContent === file);
      if (row === undefined) return false;
      const shown = [...row.querySelectorAll('.monaco-icon-label-container, .monaco-icon-label')]
        .map((element) => page.getComputedStyle(element, '::after').content.replaceAll('"', ''))
        .flatMap((content) => content.split(', '))
        .filter((part) => !['none', 'normal', ''].includes(part.trim()) && !part.startsWith('±'));
      if (badge === 'any') return shown.length > 0;
      return badge === '' ? shown.length === 0 : shown.includes(badge);
    },
    { file, badge },
    { timeout: DEADLINE_MS },
  );
}

/** What hovering over a file in the Explorer tells. */
export async function explorerHover(window: EditorWindow, file: string): Promise<string> {
  // Where the pointer lies on another row, the words of that one would come up, over this one.
  await window.page.mouse.move(0, 0);
  await window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).hover();
  const hover = window.page.locator('.monaco-hover:visible').first();
  await hover.waitFor({ timeout: DEADLINE_MS });
  return hover.innerText();
}

/** Waits until an editor shows a text that decorations put there, or shows it no more. */
export async function hasDecoration(
  window: EditorWindow,
  text: string,
  isShown: boolean,
): Promise<void> {
  await window.page.waitForFunction(
    ({ text, isShown }) => {
      const page = globalThis as unknown as ShownPage;
      const spans = [...page.document.querySelectorAll('.view-line span')];
      return (
        spans.some((span) => page.getComputedStyle(span, '::after').content.includes(text)) ===
        isShown
      );
    },
    { text, isShown },
    { timeout: DEADLINE_MS },
  );
}

/**
 * Waits until the line with this text is marked as agents' work. VS Code makes up its mind about a hover once: what is
 * asked for before its mark is there stays without the mark's words.
 */
export async function untilMarked({ page }: EditorWindow, text: string): Promise<void> {
  await page.waitForFunction(
    (text) => {
      const page = globalThis as unknown as ShownPage;
      const editor = '.editor-group-container.active .monaco-editor';
      const lines = [...page.document.querySelectorAll(`${editor} .view-lines .view-line`)];
      const line = lines.find((each) => each.textContent?.replaceAll('\u00a0', ' ').includes(text));
      if (line === undefined) return false;
      return [...page.document.querySelectorAll(`${editor} .view-overlays > div`)]
        .filter(({ style }) => style.top === line.style.top)
        .flatMap((row) => [...row.querySelectorAll('.cdr')])
        .some((mark) => page.getComputedStyle(mark).borderStyle.includes('dotted'));
    },
    text,
    { timeout: DEADLINE_MS },
  );
}

/** All tabs, the active ones with a star, previews as such. */
export function activeTabs(window: EditorWindow): Promise<readonly string[]> {
  return window.evaluate((vscode) =>
    vscode.window.tabGroups.all.flatMap(({ tabs }) =>
      tabs.map(
        ({ label, isActive, isPreview }) =>
          `${isActive ? '*' : ''}${label}${isPreview ? ' (preview)' : ''}`,
      ),
    ),
  );
}

/** Waits until a part of the workbench, such as `editor` or `sidebar`, has the keyboard. */
export async function waitForFocus(window: EditorWindow, part: string): Promise<void> {
  await window.page.waitForFunction(
    (id) => {
      const { document } = globalThis as unknown as ShownPage;
      return document.activeElement?.closest('.part')?.getAttribute('id') === id;
    },
    `workbench.parts.${part}`,
    { timeout: DEADLINE_MS },
  );
}

/** The first line that the active editor shows. */
export function topLine(window: EditorWindow): Promise<number> {
  return window.evaluate(
    (vscode) => vscode.window.activeTextEditor?.visibleRanges[0]?.start.line ?? -1,
  );
}
