// What the extension asks of VS Code: an editor of a user gives an extension no more than what is stable. The web
// build that the tests run in gives proposed interfaces to whoever asks, so no other test would notice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { editorPackages } from '../../../scripts/setup/editor.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { RUNTIME_NEEDS } from '../../../src/host/sqlite-runtime.ts';

interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: Readonly<Record<string, unknown>> & {
    readonly menus: Readonly<Record<string, unknown>>;
  };
}

const text = fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;

/** Points that any extension may contribute to, of which we know that they are stable. */
const STABLE_POINTS = [
  'colors',
  'commands',
  'configuration',
  'configurationDefaults',
  'grammars',
  'icons',
  'keybindings',
  'languageModelTools',
  'languages',
  'mcpServerDefinitionProviders',
  'menus',
  'submenus',
  'views',
  'viewsContainers',
  'viewsWelcome',
  'walkthroughs',
];

/** The same of menus. Buttons in a diff's gutter, in the multi-diff editor and in chats are proposed. */
const STABLE_MENUS = [
  'commandPalette',
  'comments/comment/context',
  'comments/comment/title',
  'comments/commentThread/context',
  'comments/commentThread/title',
  'editor/context',
  'editor/lineNumber/context',
  'editor/title',
  'editor/title/context',
  'explorer/context',
  'scm/change/title',
  'scm/resourceGroup/context',
  'scm/resourceState/context',
  'scm/title',
  'view/item/context',
  'view/title',
];

/** Members and modules that are proposed, or were for long; each would be of use here. */
const PROPOSED = [
  'detailedReason',
  'registerQuickDiffProvider',
  'registerChatSessionItemProvider',
  'createChatSessionItemController',
  'registerTimelineProvider',
  'createWebviewTextEditorInset',
  'registerDefaultChatParticipant',
  'TabInputTextMultiDiff',
  'onDidWriteTerminalData',
  'registerMappedEditsProvider2',
  'vscode.proposed',
];

/** Where an editor is asked for what it has since a version, with a declaration of our own, and goes on without it. */
const OWN_DECLARATIONS: Readonly<Record<string, string>> = {
  'src/views/chat/chat-servers.ts':
    'registerMcpServerDefinitionProvider: editors built from VS Code may lack it',
  'src/views/chat/register-chat.ts': 'registerTool, 1.95: editors built from VS Code may lack it',
};

test('the manifest asks for no proposed interface', () => {
  assert.equal(text.includes('enabledApiProposals'), false);
  assert.deepEqual(
    Object.keys(manifest.contributes).filter((point) => !STABLE_POINTS.includes(point)),
    [],
    'is it stable? Then list it here',
  );
  assert.deepEqual(
    Object.keys(manifest.contributes.menus).filter((menu) => !STABLE_MENUS.includes(menu)),
    [],
    'is it stable? Then list it here',
  );
});

test('the oldest editor is the oldest one that the tests run', () => {
  const [, minor] = editorPackages.oldest.version.split('.');
  assert.equal(manifest.engines.vscode, `^1.${minor}.0`);
});

test('the oldest editor is one whose runtime can run all of the code', () => {
  assert.ok(
    RUNTIME_NEEDS.includes(`VS Code ${manifest.engines.vscode.replace(/^\^(.*)\.0$/, '$1')} `),
  );
});

test('the sources are written to the types of the oldest editor that they run in, and name nothing proposed', () => {
  const types = manifest.devDependencies['@types/vscode'] ?? '';
  assert.match(types, /^\d+\.\d+\.\d+$/);
  assert.equal(manifest.engines.vscode, `^${types}`);
  const sources = fs
    .globSync('src/**/*.ts', { cwd: projectRoot })
    .map((file) => [file, fs.readFileSync(path.join(projectRoot, file), 'utf8')] as const);
  const named = sources.flatMap(([file, source]) =>
    PROPOSED.filter((name) => source.includes(name)).map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(named, []);
  const declaring = sources
    .filter(([, source]) => /\bvscode as (unknown|any|\{|[A-Z])/.test(source))
    .map(([file]) => file);
  assert.deepEqual(declaring.sort(), Object.keys(OWN_DECLARATIONS).sort());
  const ownTypes = sources.filter(([, source]) => /declare module ['"]vscode['"]/.test(source));
  assert.deepEqual(ownTypes, []);
});
