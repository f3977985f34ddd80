import { chromium, type Browser } from 'playwright-core';
import { ensureChromium } from '../../../scripts/setup/chromium.mjs';

/** Starts the machine's Chromium, without a display unless `AGENT_WORLD_TEST_HEADED` is set. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureChromium(),
    headless: process.env['AGENT_WORLD_TEST_HEADED'] === undefined,
    args: [
      // Chromium refuses to run as root inside its sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
