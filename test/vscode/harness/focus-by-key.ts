import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

/** Presses a key until something, or a part of it, has the keyboard. */
export async function focusByKey(
  wanted: Locator,
  key: 'Tab' | 'Shift+Tab' | 'ArrowRight' = 'Tab',
): Promise<void> {
  await wanted.waitFor({ state: 'attached' });
  for (let press = 0; press < MOST_PRESSES; press++) {
    if (await wanted.evaluate((element) => element.matches(':focus-within'))) return;
    await wanted.page().keyboard.press(key);
  }
  assert.fail(`no ${key} leads there`);
}

const MOST_PRESSES = 20;
