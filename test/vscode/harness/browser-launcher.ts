#!/usr/bin/env node
// Stands in for the desktop VS Code where none is installed: takes the options that the test runner gives
// that program, runs the same tests in VS Code in Chromium, and ends with their exit code.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startBrowser } from './browser.ts';
import { startServer } from './server.ts';
import { writeSettings } from './test-settings.ts';
import { workbenchAddress } from './workbench-address.ts';

interface LauncherOptions {
  readonly extensionPaths: readonly string[];
  readonly testsPath: string;
  readonly folder: string;
}

process.exitCode = await runInBrowser(parseOptions(process.argv.slice(2)));

/** Options that only the desktop program has a use for are passed over. */
function parseOptions(args: readonly string[]): LauncherOptions {
  const valuesOf = (name: string): string[] =>
    args.filter((each) => each.startsWith(`--${name}=`)).map((each) => each.slice(name.length + 3));
  const [testsPath] = valuesOf('extensionTestsPath');
  const folder = args.find((each) => !each.startsWith('--'));
  if (testsPath === undefined || folder === undefined) {
    throw new Error(
      'Usage: browser-launcher --extensionTestsPath=… [--extensionDevelopmentPath=…] FOLDER',
    );
  }
  return { extensionPaths: valuesOf('extensionDevelopmentPath'), testsPath, folder };
}

async function runInBrowser(options: LauncherOptions): Promise<number> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-launcher-'));
  writeSettings(scratch);
  const server = await startServer({
    age: 'newest',
    dataFolder: scratch,
    env: process.env,
    vsixFiles: [],
    builtIns: 'few',
    asksForTrust: false,
  });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    const ended = Promise.withResolvers<number>();
    // The workbench calls these two when it runs extension tests in a page.
    await page.exposeFunction('codeAutomationLog', log);
    await page.exposeFunction('codeAutomationExit', (code: number) => ended.resolve(code));
    page.once('crash', () => ended.reject(new Error('The page crashed.')));
    browser.once('disconnected', () => ended.reject(new Error('The browser went away.')));
    await page.goto(workbenchAddress({ port: server.port, ...options }));
    return await ended.promise;
  } finally {
    await browser.close();
    await server.stop();
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function log(type: string, args: readonly unknown[]): void {
  const line = args.map(String).join(' ');
  // The server goes without the native modules that only an install script would build.
  if (line.includes('Could not locate the bindings file')) return;
  (type === 'error' ? process.stderr : process.stdout).write(`${line}\n`);
}
