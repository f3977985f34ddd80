import type { RestorationAnswer } from '../core/restoration.ts';
import type { RestorationEvent } from '../mirror/mirror-event.ts';

/** What a directory's mirror has to say of what its tools put back, as one line. */
export function textOfRestoration(event: RestorationEvent): string {
  const question = `Question ${event.question}`;
  switch (event.tag) {
    case 'asked':
      return `${question}: ${textOfAsked(event)}`;
    case 'answered':
      return `${question} is answered: ${ANSWERS[event.answer]}`;
    case 'left':
      return event.is === 'paused'
        ? `The directory is not kept in step, by the answer to question ${event.question}`
        : 'The directory is kept in step again';
    case 'withdrawn':
      return `${question} is withdrawn: the directory is in step again by itself`;
  }
}

const ANSWERS: Readonly<Record<RestorationAnswer, string>> = {
  put_back: 'the world’s text goes into the directory',
  take: 'what the directory has goes into the world',
  leave: 'the directory stays as it is',
};

const NAMED_FILES = 3;

function textOfAsked(event: Extract<RestorationEvent, { tag: 'asked' }>): string {
  const files = countOf(event.fileCount, 'file');
  const of = event.owners.length === 0 ? '' : ` of ${countOf(event.owners.length, 'other member')}`;
  const wait = 'Nothing changes for others until an owner, or whose work it is, answers';
  const paths = event.files.slice(0, NAMED_FILES).join(', ');
  switch (event.cause) {
    case 'git':
      return `git put back ${files} as before work${of}: ${paths}. ${wait}`;
    case 'tool':
      return `a tool put back ${files} as before work${of}: ${paths}. ${wait}`;
    case 'deleted':
      return `${files} with work${of} went at once: ${paths}. ${wait}`;
    case 'missing_folder':
      return `the directory is missing or empty, where ${files} should be. ${wait}`;
    case 'lfs_pointer':
      return `an LFS pointer was written over the content of ${files}: ${paths}. ${wait}`;
  }
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
