import type { Locator } from 'playwright-core';
import type { EditorWindow } from './window.ts';

/** Rows with this text in one view of the side bar; the views beside it have rows of their own. */
export function viewRow({ page }: EditorWindow, view: string, text: string): Locator {
  const header = page.locator(`.pane-header[aria-label^="${view}"]`);
  return page
    .locator('.sidebar .pane', { has: header })
    .locator('.monaco-list-row', { hasText: text });
}
