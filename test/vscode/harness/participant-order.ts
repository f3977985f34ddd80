// Whether VS Code's own participants of a save run before an extension hears of the save, or after it: by itself it is
// whichever of the two registers first while a window opens.
import type { Page } from 'playwright-core';

export type ParticipantOrder = 'before' | 'after';

/** How long VS Code lets the parts wait that it makes once a window is restored, its participants among them. */
const RESTORED_IDLE_MS = 500;

type Idle = (deadline: { readonly timeRemaining: () => number }) => void;

interface OrderedPage {
  held: Idle[] | undefined;
  requestIdleCallback(callback: Idle, options?: { readonly timeout?: number }): number;
  setTimeout(callback: () => void): number;
}

/**
 * To be called before the page loads, with what is wanted: `before` is made likely, by having them register at once,
 * `after` is certain. What it resolves to is to be called when the extension host runs.
 */
export async function orderParticipants(
  page: Page,
  order: ParticipantOrder,
): Promise<() => Promise<void>> {
  await page.addInitScript(
    ({ timeout, order }) => {
      const here = globalThis as unknown as OrderedPage;
      const original = here.requestIdleCallback.bind(here);
      const run = (callback: Idle): number =>
        here.setTimeout(() => callback({ timeRemaining: () => 50 }));
      here.held = order === 'after' ? [] : undefined;
      here.requestIdleCallback = (callback, options = {}) => {
        if (options.timeout !== timeout) return original(callback, options);
        return here.held ? here.held.push(callback) : run(callback);
      };
    },
    { timeout: RESTORED_IDLE_MS, order },
  );
  return () =>
    page.evaluate(() => {
      const here = globalThis as unknown as OrderedPage;
      const held = here.held ?? [];
      here.held = undefined;
      for (const callback of held) here.requestIdleCallback(callback, { timeout: 500 });
    });
}
