import { claude } from './claude.ts';
import { cline } from './cline.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';
import type { RealClient } from './real-client.ts';

export const REAL_CLIENTS: readonly RealClient[] = [
  claude,
  codex,
  gemini,
  opencode,
  copilot,
  qwen,
  cline,
];
