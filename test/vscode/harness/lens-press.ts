// VS Code draws the lenses of a line anew whenever somebody has others for its document.
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** So long nobody sees a lens change before they press it. */
const REST_MS = 300;

/** Presses a lens that has come to rest: what is drawn anew under the pointer, or moves away from it, is not pressed. */
export async function pressLens(page: Page, text: string): Promise<void> {
  const lens = page.locator('.codelens-decoration a', { hasText: text });
  for (;;) {
    await lens.waitFor();
    const drawn = await lens.elementHandle();
    const before = await drawn?.boundingBox();
    await delay(REST_MS);
    const after = await drawn?.boundingBox();
    if (!drawn || !after || after.x !== before?.x || after.y !== before.y) continue;
    try {
      await drawn.click();
      return;
    } catch (error) {
      // Drawn anew before it was pressed: playwright tells of that before it touches the mouse.
      if (!String(error).includes('not attached to the DOM')) throw error;
    }
  }
}
