/**
 * Owns: what of a plan to take a member's work back the user has chosen, and the texts that would
 * result. Does not know: how it is shown and carried out.
 */
import { isClean, takeBackChanges, type TakeBackChoice } from '../../core/take-back.ts';
import type { FileChoice, TakeBackChoices } from '../../world/apply-take-back.ts';
import type { TakeBackFile, TakeBackPlan } from '../../world/take-back.ts';

/** Which part of a plan: a file as a whole, one of its hunks, or what others built on a hunk. */
export interface ReviewPart {
  readonly fileId: number;
  /** Undefined for what became of the file as a whole. */
  readonly hunk?: number;
  readonly isBuiltOn?: boolean;
}

export class TakeBackReview {
  readonly plan: TakeBackPlan;
  readonly #hunks = new Map<number, TakeBackChoice[]>();
  readonly #fates = new Map<number, boolean>();

  /** At first everything is chosen on which nobody built. */
  constructor(plan: TakeBackPlan) {
    this.plan = plan;
    for (const { head, hunks, fate } of plan.files) {
      this.#hunks.set(
        head.fileId,
        hunks.map((hunk) => (isClean(hunk) ? 'take' : 'keep')),
      );
      if (fate) this.#fates.set(head.fileId, hunks.every(isClean));
    }
  }

  file(fileId: number): TakeBackFile | undefined {
    return this.plan.files.find(({ head }) => head.fileId === fileId);
  }

  isChosen({ fileId, hunk, isBuiltOn }: ReviewPart): boolean {
    if (hunk === undefined) return this.#fates.get(fileId) === true;
    const choice = this.#hunks.get(fileId)?.[hunk];
    return isBuiltOn ? choice === 'take_all' : choice !== undefined && choice !== 'keep';
  }

  choose({ fileId, hunk, isBuiltOn }: ReviewPart, isChosen: boolean): void {
    const choices = this.#hunks.get(fileId);
    if (hunk === undefined) {
      if (this.#fates.has(fileId)) this.#fates.set(fileId, isChosen);
      // A file that goes goes whole; one that stays keeps what was chosen of it.
      if (this.file(fileId)?.fate?.tag !== 'created' || !isChosen) return;
      choices?.forEach((choice, index) => {
        if (choice === 'keep') choices[index] = 'take';
      });
      return;
    }
    if (!choices) return;
    if (isBuiltOn) choices[hunk] = isChosen ? 'take_all' : 'take';
    else choices[hunk] = isChosen ? 'take' : 'keep';
    // A file is done away with only when nothing of it is to be kept.
    if (this.file(fileId)?.fate?.tag === 'created' && !this.#isWhole(fileId)) {
      this.#fates.set(fileId, false);
    }
  }

  /** Chooses all of a file, as far as nobody built on it, or nothing. */
  chooseFile(fileId: number, isChosen: boolean): void {
    const { hunks = [], fate } = this.file(fileId) ?? {};
    hunks.forEach((hunk, index) => {
      const isTaken = isChosen && isClean(hunk);
      if (isTaken || !isChosen) this.choose({ fileId, hunk: index }, isTaken);
    });
    if (fate) this.#fates.set(fileId, isChosen && hunks.every(isClean));
  }

  choices(): TakeBackChoices {
    return new Map(
      this.plan.files.map(({ head: { fileId } }): [number, FileChoice] => [
        fileId,
        { hunks: this.#hunks.get(fileId) ?? [], fate: this.#fates.get(fileId) === true },
      ]),
    );
  }

  /** How many hunks and files as a whole are chosen. */
  get count(): number {
    const hunks = [...this.#hunks.values()].flat().filter((choice) => choice !== 'keep');
    const fates = [...this.#fates.values()].filter((isChosen) => isChosen);
    return hunks.length + fates.length;
  }

  /** How many hunks others built on. */
  get builtOnCount(): number {
    return this.plan.files.flatMap(({ hunks }) => hunks).filter((hunk) => !isClean(hunk)).length;
  }

  /** A file's text as it would be; empty for one that goes. */
  textOf(fileId: number): string {
    const file = this.file(fileId);
    if (!file) return '';
    if (file.fate?.tag === 'created' && this.#fates.get(fileId)) return '';
    const changes = takeBackChanges(file.hunks, this.#hunks.get(fileId) ?? []);
    return file.text.apply(changes).toString();
  }

  #isWhole(fileId: number): boolean {
    return (this.#hunks.get(fileId) ?? []).every((choice) => choice !== 'keep');
  }
}
