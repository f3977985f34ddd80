import { existsSync } from 'node:fs';
import path from 'node:path';

/** True for a program that the shell would find by its name. */
export function isOnPath(program: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(path.delimiter);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return folders.some(
    (folder) =>
      folder !== '' &&
      endings.some((ending) => existsSync(path.join(folder, `${program}${ending}`))),
  );
}

/** By which npm package each client is installed. */
export const CLIENT_PACKAGES: Readonly<Record<string, string>> = {
  claude: '@anthropic-ai/claude-code',
  codex: '@openai/codex',
  gemini: '@google/gemini-cli',
  opencode: 'opencode-ai',
  copilot: '@github/copilot',
  qwen: '@qwen-code/qwen-code',
  cline: 'cline',
};
