import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { type LiveFolder, notifications } from './live-folder.ts';
import type { EditorWindow } from './window.ts';

/**
 * Waits for a notification. The list closes with its last entry, and takes along what comes in that moment: so it is
 * opened anew until the message is in it, and closed.
 */
export async function untilTold(
  live: LiveFolder,
  window: EditorWindow,
  message: RegExp,
): Promise<void> {
  let messages: readonly string[] = [];
  try {
    await live.until('it is told', async () => {
      messages = await notifications(window);
      return messages.some((each) => message.test(each));
    });
  } catch (error) {
    await window.screenshot('not-told');
    assert.fail(`${String(message)} is not among ${messages.join(' | ')}\n${String(error)}`);
  }
}

/** Waits for a notification and opens the list with it. */
export async function told(
  live: LiveFolder,
  window: EditorWindow,
  message: RegExp,
): Promise<Locator> {
  await untilTold(live, window, message);
  await window.command('notifications.showList');
  const items = window.page.locator('.notifications-center .notification-list-item');
  return items.filter({ hasText: message }).first();
}
