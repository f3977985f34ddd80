import type {
  RestorationAnswer,
  RestorationQuestion,
  RestorationRule,
} from '../../core/restoration.ts';

/** Where a mirror asks and is answered. `src/world/` makes one of a session. */
export interface RestorationDesk {
  /** What the world's rules say of this folder; `take` where the world's module cannot be asked. */
  rule(): RestorationRule;
  /**
   * Resolves with the question's number. Waits for the connection. `askId` is a UUID that the folder
   * keeps: asked again with the same one, as after a crash, it is the same question.
   */
  ask(question: RestorationQuestion, askId: string): Promise<number>;
  /** The folder is in step by itself; to say so twice, or late, changes nothing. */
  withdraw(restorationId: number): Promise<void>;
  /** The newest answer; `open` while there is none, `gone` for what was withdrawn or is not known. */
  answerOf(restorationId: number): RestorationAnswer | 'open' | 'gone';
  /** Calls with the number of a question that was answered, answered anew, or is gone. */
  onAnswer(listener: (restorationId: number) => void): () => void;
}
