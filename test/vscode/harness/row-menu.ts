import type { Locator } from 'playwright-core';
import type { EditorWindow } from './window.ts';

const MOST_ITEMS = 60;

/**
 * Chooses an item of a row's menu, by keys: VS Code takes no click in a menu within a tenth of a second after it
 * opened, and nothing shows when that is over.
 */
export async function chooseInMenu(
  window: EditorWindow,
  row: Locator,
  item: string,
): Promise<void> {
  await row.click({ button: 'right' });
  await chooseByKeys(window, item);
}

/** Chooses an item of the menu that is open. */
export async function chooseByKeys({ page }: EditorWindow, item: string): Promise<void> {
  const menu = page.locator('.context-view .monaco-menu');
  await menu.getByText(item).first().waitFor();
  const focused = menu.locator('.action-item.focused', { hasText: item });
  for (let press = 0; (await focused.count()) === 0; press++) {
    if (press === MOST_ITEMS) throw new Error(`no key leads to “${item}”`);
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
}
