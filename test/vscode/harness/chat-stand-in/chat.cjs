// An agent for VS Code's own chat that needs no account: it edits what a prompt lists. All else is VS Code's: how
// the edits come into documents, when they are saved, what is kept and what is undone. It uses what is only
// proposed, as VS Code's own agent does. Never part of the package.
const vscode = require('vscode');

/** @typedef {{ file: string, edits: [number, number, number, number, string][] }} FileEdits */
/** @typedef {{ textEdit(uri: vscode.Uri, edits: vscode.TextEdit[] | true): void }} EditStream */

exports.activate = (/** @type {vscode.ExtensionContext} */ context) => {
  // VS Code sends no prompt without a model, whether anybody asks it or not.
  const { registerLanguageModelChatProvider } = /** @type {any} */ (vscode.lm);
  context.subscriptions.push(
    registerLanguageModelChatProvider('stand-in', {
      provideLanguageModelChatInformation: () => [MODEL],
      provideLanguageModelChatResponse: () => undefined,
      provideTokenCount: () => 1,
    }),
    vscode.chat.createChatParticipant('stand-in.agent', (request, _context, stream) => {
      const files = /** @type {FileEdits[]} */ (JSON.parse(request.prompt));
      const edited = /** @type {EditStream} */ (/** @type {unknown} */ (stream));
      for (const { file, edits } of files) {
        const uri = vscode.Uri.file(file);
        const made = edits.map(
          ([startLine, startCharacter, endLine, endCharacter, text]) =>
            new vscode.TextEdit(
              new vscode.Range(startLine, startCharacter, endLine, endCharacter),
              text,
            ),
        );
        edited.textEdit(uri, made);
        edited.textEdit(uri, true);
      }
      stream.markdown('Done.');
    }),
  );
};

const MODEL = {
  id: 'scripted',
  name: 'Scripted',
  family: 'scripted',
  version: '1',
  maxInputTokens: 10_000,
  maxOutputTokens: 10_000,
  isDefault: true,
  isUserSelectable: true,
  capabilities: { toolCalling: true },
};
