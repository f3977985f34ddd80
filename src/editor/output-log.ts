import type * as vscode from 'vscode';
import type { LogDetails, WorldLog } from '../world/log.ts';

/** Writes into an output channel, with the part that speaks as a tag in front. */
export function outputLog(channel: vscode.LogOutputChannel, tag: string): WorldLog {
  const line = (message: string, details: LogDetails = {}): string => {
    const facts = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
    return [`[${tag}]`, message, ...facts].join(' ');
  };
  return {
    debug: (message, details) => channel.debug(line(message, details)),
    info: (message, details) => channel.info(line(message, details)),
    warn: (message, details) => channel.warn(line(message, details)),
    error: (message, details) => channel.error(line(message, details)),
  };
}
