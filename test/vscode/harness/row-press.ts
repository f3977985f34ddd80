// Rows of views move, and are drawn anew, while what they tell of goes on.
import type { Locator } from 'playwright-core';

/**
 * Presses a button of a row, which a row shows while the pointer is over it. The press goes to the button itself,
 * wherever its row is by then: where the pointer was there may be another row.
 */
export async function pressInRow(row: Locator, button: string): Promise<void> {
  await row.hover();
  await row
    .getByRole('button', { name: button, exact: true, includeHidden: true })
    .dispatchEvent('click');
}

/**
 * Clicks a row, or what is in it, such as the mark that unfolds it, in one moment: what is drawn anew between the press
 * and the release of a mouse is not clicked.
 */
export async function clickRow(row: Locator): Promise<void> {
  await row.dispatchEvent('click');
}
