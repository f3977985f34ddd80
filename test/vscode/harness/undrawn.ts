// What happens to lenses in a window that is not drawn, as one that lies behind others.
import type * as vscode from 'vscode';
import type { EditorWindow } from './window.ts';

type Frame = (timeMs: number) => void;

interface FramedPage {
  requestAnimationFrame: (frame: Frame) => number;
  drawFrames?: () => void;
}

/** Draws nothing of a window any more until the function that it resolves to is called. */
export async function stopDrawing(window: EditorWindow): Promise<() => Promise<void>> {
  await window.page.evaluate(() => {
    const page = globalThis as unknown as FramedPage;
    const draw = page.requestAnimationFrame;
    const held: Frame[] = [];
    page.requestAnimationFrame = (frame) => held.push(frame);
    page.drawFrames = () => {
      page.requestAnimationFrame = draw;
      for (const frame of held) draw.call(globalThis, frame);
    };
  });
  return () => window.page.evaluate(() => (globalThis as unknown as FramedPage).drawFrames?.());
}

interface LensHost {
  readonly watchedLenses?: { renew(): Promise<void>; dispose(): void };
}

export interface WatchedLenses {
  /** Has VS Code ask for all lenses of the file in front anew; resolves when it has taken them in. */
  renew(): Promise<void>;
  /** Takes the lens away that this is seen by. */
  stop(): Promise<void>;
}

/** Puts a lens of its own above the first line of files, and resolves when it is drawn. */
export async function watchLenses(window: EditorWindow): Promise<WatchedLenses> {
  await window.evaluate((vscode) => {
    const changed = new vscode.EventEmitter<void>();
    let waiting: { lens?: vscode.CodeLens; readonly taken: () => void } | undefined;
    const provider = vscode.languages.registerCodeLensProvider(
      { scheme: 'file' },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses() {
          const lens = new vscode.CodeLens(new vscode.Range(0, 0, 0, 0));
          if (waiting) waiting.lens = lens;
          return [lens];
        },
        // Asked when all lenses of that time are there, for those that are drawn.
        resolveCodeLens(lens) {
          lens.command = { title: 'lenses are watched', command: '' };
          if (lens === waiting?.lens) waiting.taken();
          return lens;
        },
      },
    );
    const watchedLenses: LensHost['watchedLenses'] = {
      renew: () =>
        new Promise((resolve) => {
          waiting = { taken: resolve };
          changed.fire();
        }),
      dispose() {
        provider.dispose();
        changed.dispose();
      },
    };
    Object.assign(globalThis, { watchedLenses });
  });
  await window.page.getByText('lenses are watched').waitFor();
  return {
    renew: () => window.evaluate(() => (globalThis as LensHost).watchedLenses!.renew()),
    stop: () => window.evaluate(() => (globalThis as LensHost).watchedLenses!.dispose()),
  };
}
