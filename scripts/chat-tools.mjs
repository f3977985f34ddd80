// Writes into `package.json` what VS Code's chat is told of the tools of agents:
//   npm run chat-tools
// That list is a product of `src/mcp/tools.ts`: nobody edits it, and a unit test holds it to the sources.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOLS } from '../src/mcp/tools.ts';
import { TOOL_PREFIX } from '../src/views/chat/tool-prefix.ts';
import { projectRoot } from './setup/paths.mjs';

/** The tools as the manifest lists them, and the texts of it that people read. */
export function chatTools() {
  const tools = TOOLS.map(({ name, description, input }) => ({
    name: `${TOOL_PREFIX}${name}`,
    toolReferenceName: referenceName(name),
    displayName: `%tool.${name}%`,
    modelDescription: description,
    canBeReferencedInPrompt: true,
    icon: '$(globe)',
    when: 'agentWorld.bound && config.agentWorld.chat.offer == tools',
    inputSchema: input,
  }));
  const texts = Object.fromEntries(TOOLS.map(({ name, title }) => [`tool.${name}`, title]));
  return { tools, texts };
}

/** As a person writes it behind `#`. */
function referenceName(/** @type {string} */ name) {
  return `world-${name.replaceAll('_', '-')}`;
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { tools, texts } = chatTools();
  write('package.json', (manifest) => {
    manifest['contributes'].languageModelTools = tools;
  });
  write('package.nls.json', (all) => Object.assign(all, texts));
}

function write(
  /** @type {string} */ name,
  /** @type {(content: Record<string, any>) => void} */ change,
) {
  const file = path.join(projectRoot, name);
  const content = JSON.parse(fs.readFileSync(file, 'utf8'));
  change(content);
  fs.writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
