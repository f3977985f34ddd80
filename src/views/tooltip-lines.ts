import * as vscode from 'vscode';

/** A tooltip of plain lines; empty ones are left out. Names of others must not become markup. */
export function tooltipLines(texts: readonly string[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  for (const [index, text] of texts.filter((each) => each !== '').entries()) {
    if (index > 0) tooltip.appendMarkdown('\n\n');
    tooltip.appendText(text);
  }
  return tooltip;
}
