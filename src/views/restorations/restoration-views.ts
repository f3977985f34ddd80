/**
 * Owns: everything that shows what folders ask and by which it is answered: the list, the notifications,
 * the commands. Does not know: other views, why a folder asks.
 */
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import type { RestorationCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { DiskTexts } from './disk-texts.ts';
import { FolderStatus } from './folder-status.ts';
import { openQuestionFile } from './open-question-file.ts';
import { QuestionCommands } from './question-commands.ts';
import { QuestionNotices } from './question-notices.ts';
import { type QuestionNode, QuestionTree, questionNumberOf } from './question-tree.ts';
import { WaitingMarks } from './waiting-marks.ts';

export class RestorationViews implements ViewPart {
  readonly commands: Readonly<Record<RestorationCommand, Run>>;
  readonly #store = new DisposableStore();
  readonly #tree: QuestionTree;
  readonly #disk: DiskTexts;
  readonly #notices = new QuestionNotices();
  readonly #marks = this.#store.add(new WaitingMarks());
  readonly #status = this.#store.add(new FolderStatus());
  /** What belongs to the world that the window is in. */
  #entered: DisposableStore | undefined;

  constructor({ surroundings, current }: ViewPartOptions) {
    const nowMs = (): number => surroundings.clock.nowMs();
    this.#tree = this.#store.add(new QuestionTree({ current, nowMs }));
    this.#disk = this.#store.add(new DiskTexts(current));
    const questions = new QuestionCommands(surroundings.randomBytes);
    this.commands = {
      answerFolder: (world, argument) => questions.ask(world, argument),
      putBackInFolder: (world, argument) => questions.answer(world, argument, 'put_back'),
      takeFromFolder: (world, argument) => questions.answer(world, argument, 'take'),
      leaveFolder: (world, argument) => questions.answer(world, argument, 'leave'),
      showFoldersAsk: (_, argument) => this.#show(argument),
      openFolderFile: (world, argument) => openQuestionFile(world, argument as QuestionNode),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.dispose();
    this.#entered = undefined;
    if (current !== undefined) this.#entered = this.#enter(current);
    this.#tree.update();
    this.#showFolder(current);
  }

  dispose(): void {
    this.#entered?.dispose();
    this.#store.dispose();
  }

  #enter(current: FolderWorld): DisposableStore {
    const { view } = current.session;
    const store = new DisposableStore();
    let isFirst = true;
    const turn = store.add(
      new Coalescer<'questions'>(nextTurn, () => {
        this.#notices.tell(current, isFirst);
        this.#showFolder(current);
        // Members and questions come together, once the world has been seen.
        if (view.members.size > 0) isFirst = false;
      }),
    );
    const changed = (): void => {
      this.#tree.update();
      turn.mark('questions');
    };
    store.addStop(view.restorations.questions.onChange(changed));
    // Names, and who may answer.
    store.addStop(view.members.onChange(changed));
    store.addStop(view.restorations.onSight(changed));
    store.add(current.onWaiting(changed));
    changed();
    return store;
  }

  #showFolder(current: FolderWorld | undefined): void {
    this.#marks.update(current);
    this.#status.update(current);
    this.#disk.refresh();
  }

  async #show(argument: unknown): Promise<void> {
    const isRow = typeof argument === 'string' && argument.startsWith('question ');
    await this.#tree.show(isRow ? questionNumberOf(argument as QuestionNode) : undefined);
  }
}
