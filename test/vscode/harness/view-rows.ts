import type { Locator } from 'playwright-core';
import type { EditorWindow } from './window.ts';

/** Rows with this text in one view of the side bar; the views beside it have rows of their own. */
export function viewRow({ page }: EditorWindow, view: string, text: string): Locator {
  const header = page.locator(`.pane-header[aria-label^="${view}"]`);
  return page
    .locator('.sidebar .pane', { has: header })
    .locator('.monaco-list-row', { hasText: text });
}

interface FoldedPage {
  readonly document: {
    querySelectorAll(selector: string): Iterable<{ readonly click: () => void }>;
  };
}

/**
 * Makes room for the rows of one view: of others, those that are there and open are folded, in one moment, since views
 * come and go with what there is to see.
 */
export async function foldViews({ page }: EditorWindow, views: readonly string[]): Promise<void> {
  await page.evaluate((views) => {
    const { document } = globalThis as unknown as FoldedPage;
    for (const view of views) {
      const open = `.pane-header[aria-label^="${view}"][aria-expanded="true"]`;
      for (const header of document.querySelectorAll(open)) header.click();
    }
  }, views);
}
