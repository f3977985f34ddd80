/**
 * Owns: how long the editor waits for a listener of ours. Where one takes longer than the editor allows, or
 * fails, three times, the editor tells it nothing any more, without a word to anybody.
 */

/** Of a save: VS Code waits for 1.5 s. */
export const SAVE_ANSWER_MS = 1_000;

/** Of files that are made, moved or deleted: VS Code waits for a minute, and the user sees that it does. */
export const FILES_ANSWER_MS = 5_000;

/**
 * The answer of a listener that the editor waits for: resolves when the work is done, has failed, or takes longer
 * than this; then the work goes on by itself. Never rejects.
 */
export async function inTime(
  limitMs: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
): Promise<void> {
  const done = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed(error);
    }
  };
  await within(limitMs, done());
}

/** Resolves after a time where the work takes longer; the work goes on. Rejects as the work does until then. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, timeoutMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
