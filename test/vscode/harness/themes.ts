import type { EditorWindow } from './window.ts';

const THEMES = {
  light: 'Default Light Modern',
  'high-contrast': 'Default High Contrast',
  dark: 'Default Dark Modern',
} as const;

/** What VS Code marks its workbench with, by kind of theme. */
const MARKS: Readonly<Record<keyof typeof THEMES, string>> = {
  light: 'vs',
  'high-contrast': 'hc-black',
  dark: 'vs-dark',
};

/** Keeps a picture of the window as it is in each kind of theme, in `test-results/<name>-<kind>.png`. */
export async function pictureInEveryTheme(window: EditorWindow, name: string): Promise<void> {
  for (const kind of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
    await window.evaluate(
      (vscode, theme) =>
        vscode.workspace.getConfiguration('workbench').update('colorTheme', theme, true),
      THEMES[kind],
    );
    await window.page.locator(`.monaco-workbench.${MARKS[kind]}`).waitFor();
    await window.screenshot(`${name}-${kind}`);
  }
}
