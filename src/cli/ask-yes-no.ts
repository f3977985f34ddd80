import { createInterface } from 'node:readline/promises';
import { UsageError } from './exit-code.ts';

/**
 * Asks on the terminal, and takes anything but a yes for a no. Throws `UsageError` with `unasked` where
 * nobody can be asked.
 */
export async function askYesNo(
  question: string,
  unasked: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(unasked);
  // Not as a terminal: then an interruption comes as the signal that it is everywhere else.
  const { stdin: input, stderr: output } = process;
  const lines = createInterface({ input, output, terminal: false });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
