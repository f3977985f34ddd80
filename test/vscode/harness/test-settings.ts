import fs from 'node:fs';
import path from 'node:path';

/** Nothing may type along with the test, and nothing may cover what a picture should show. */
const testSettings = {
  'chat.disableAIFeatures': true,
  'editor.acceptSuggestionOnEnter': 'off',
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.minimap.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.wordBasedSuggestions': 'off',
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  // Pictures are taken of what is there, not of what fades in.
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/** Writes the user settings of a server that keeps its data in `dataFolder`. */
export function writeSettings(
  dataFolder: string,
  settings: Readonly<Record<string, unknown>> = {},
): void {
  const folder = path.join(dataFolder, 'data', 'User');
  fs.mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ ...testSettings, ...settings });
  fs.writeFileSync(path.join(folder, 'settings.json'), text);
}
