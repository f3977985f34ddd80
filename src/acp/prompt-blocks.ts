/**
 * Owns: as what a prompt and the files put along with it are sent: their text where the client takes that, else links,
 * which every client takes. Does not know: how a file is read.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { PromptFile } from './agent-run.ts';
import { cutText } from './cut-text.ts';

export interface PromptParts {
  readonly text: string;
  readonly files: readonly PromptFile[];
  /** The agent's, absolute. */
  readonly folder: string;
  /** The client takes texts in a prompt. */
  readonly embeds: boolean;
  /** The text of a file as the agent has it; undefined where it is too long, no text, or not there. */
  readonly textOf: (file: string) => Promise<string | undefined>;
}

export async function promptBlocks(parts: PromptParts): Promise<ContentBlock[]> {
  const blocks: ContentBlock[] = [{ type: 'text', text: parts.text }];
  for (const file of parts.files.slice(0, MOST_FILES))
    blocks.push(...(await blocksOf(file, parts)));
  return blocks;
}

async function blocksOf(
  { path: name, part }: PromptFile,
  { folder, embeds, textOf }: PromptParts,
): Promise<readonly ContentBlock[]> {
  const file = path.join(folder, name);
  const uri = pathToFileURL(file).href;
  const link: ContentBlock = { type: 'resource_link', name, uri };
  if (part) {
    const { first, last } = part;
    const { text } = cutText(part.text);
    if (embeds) return [embedded(`${uri}#L${first}-L${last}`, text)];
    // What of it is meant no link can say in words that each client knows.
    return [link, { type: 'text', text: `Lines ${first} to ${last} of ${name}:\n\n${text}` }];
  }
  const text = embeds ? await textOf(file) : undefined;
  return [text === undefined ? link : embedded(uri, text)];
}

function embedded(uri: string, text: string): ContentBlock {
  return { type: 'resource', resource: { uri, mimeType: 'text/plain', text } };
}

export const MOST_FILES = 20;
