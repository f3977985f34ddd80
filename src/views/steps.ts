import * as vscode from 'vscode';
import { DisposableStore } from '../editor/disposable-store.ts';

/** One question of several. What is typed can be an answer, too. */
export interface StepQuestion<Answer> {
  readonly placeholder: string;
  readonly choices: readonly StepChoice<Answer>[];
  /** What stands for what is typed, if that is an answer. */
  readonly typed?: (text: string) => StepChoice<Answer> | undefined;
  /** What was typed before, here or in a box that is gone; and who is told of what is typed now. */
  readonly written?: { readonly text: string; readonly onTyped: (text: string) => void };
}

export interface StepChoice<Answer> extends vscode.QuickPickItem {
  readonly answer: Answer;
}

/** A question that depends on the answers before it, and what its answer adds to them. */
export type Step<Answers> = (answers: Answers) => StepQuestion<Answers>;

/**
 * Asks one question after the other, with a way back to each; every answer is all that is known by
 * then. Undefined when the user gave up.
 */
export async function askSteps<Answers>(
  title: string,
  first: Answers,
  steps: readonly Step<Answers>[],
): Promise<Answers | undefined> {
  const known: Answers[] = [first];
  while (known.length <= steps.length) {
    const position = { at: known.length, of: steps.length };
    const answer = await askStep(title, steps[known.length - 1]!(known.at(-1)!), position);
    if (answer === undefined) return undefined;
    if (answer === 'back') known.pop();
    else known.push(answer.answer);
  }
  return known.at(-1);
}

function askStep<Answer>(
  title: string,
  { placeholder, choices, typed, written }: StepQuestion<Answer>,
  position: { readonly at: number; readonly of: number },
): Promise<StepChoice<Answer> | 'back' | undefined> {
  const store = new DisposableStore();
  const pick = store.add(vscode.window.createQuickPick<StepChoice<Answer>>());
  pick.title = title;
  pick.placeholder = placeholder;
  if (position.of > 1) [pick.step, pick.totalSteps] = [position.at, position.of];
  pick.ignoreFocusOut = true;
  pick.items = choices;
  pick.buttons = position.at > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    const settle = (answer: StepChoice<Answer> | 'back' | undefined): void => {
      resolve(answer);
      store.dispose();
    };
    let own: StepChoice<Answer> | undefined;
    const offer = (text: string): void => {
      const choice = text === '' ? undefined : typed?.(text);
      own = choice && { ...choice, alwaysShow: true };
      pick.items = own ? [own, ...choices] : choices;
    };
    store.add(
      pick.onDidChangeValue((text) => {
        written?.onTyped(text);
        offer(text);
      }),
    );
    if (written && written.text !== '') {
      pick.value = written.text;
      offer(written.text);
    }
    store.add(
      pick.onDidAccept(() => {
        const [active] = pick.activeItems;
        // Behind the last letter the list may still stand for an earlier text, or be empty.
        const chosen = active && choices.includes(active) ? active : own;
        if (chosen) settle(chosen);
      }),
    );
    store.add(pick.onDidTriggerButton(() => settle('back')));
    store.add(pick.onDidHide(() => settle(undefined)));
    pick.show();
  });
}
