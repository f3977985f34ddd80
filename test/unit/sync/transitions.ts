import fc from 'fast-check';
import {
  type Changes,
  endOf,
  normalizeChanges,
  replace,
  startOf,
} from '../../../src/core/change.ts';
import { compose } from '../../../src/core/compose.ts';
import { comparePositions } from '../../../src/core/position.ts';
import type { PolicyMode } from '../../../src/core/policy.ts';
import { Text } from '../../../src/core/text.ts';
import { commit, commitNothing } from '../../../src/sync/committed-op.ts';
import type { Circumstances } from '../../../src/sync/crossing.ts';
import { type DocumentState, remoteChanges } from '../../../src/sync/document-state.ts';
import { withMakers } from '../../../src/sync/edit-makers.ts';
import { takeBack } from '../../../src/sync/entered-changes.ts';
import { changeLocally, loadFromDisk } from '../../../src/sync/local-change.ts';
import { doubtedIn, takeOut } from '../../../src/sync/old-text.ts';
import { isInText } from '../../../src/sync/pending-edit.ts';
import { withdraw } from '../../../src/sync/refused-edits.ts';
import { startSending } from '../../../src/sync/sending.ts';
import { withoutDoubted } from '../../../src/sync/take-out.ts';
import { takeBackStep } from '../../../src/sync/taken-step.ts';
import { placesOf } from '../core/arbitrary.ts';

/** One thing that may happen to a document; numbers pick places, whatever the text is by then. */
export type Happening =
  | { readonly tag: 'type' | 'doubt' | 'load' | 'others'; readonly cuts: readonly Cut[] }
  | { readonly tag: 'known'; readonly isAgents: boolean }
  | { readonly tag: 'out'; readonly cuts: readonly Cut[] }
  | { readonly tag: 'unwished'; readonly isFirst: boolean }
  | { readonly tag: 'send' | 'own' | 'nothing' | 'ticket' | 'refuse' | 'undo' | 'redo' }
  | { readonly tag: 'native'; readonly cuts: readonly Cut[] }
  | { readonly tag: 'enter'; readonly count: number }
  | { readonly tag: 'later'; readonly ms: number };

/** Two places as fractions of the text, and what is put between them. */
type Cut = readonly [number, number, string];

const cut = (unit: string): fc.Arbitrary<Cut> =>
  fc.tuple(
    fc.nat(30),
    fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 2, arbitrary: fc.nat(30) }),
    fc.string({ unit: fc.constantFrom(...unit, '\n'), maxLength: 3 }),
  );

const cuts = (unit: string): fc.Arbitrary<Cut[]> =>
  fc.array(cut(unit), { minLength: 1, maxLength: 2 });

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ tag: fc.constant('type' as const), cuts: cuts('xyz') }) },
  { weight: 2, arbitrary: fc.record({ tag: fc.constant('doubt' as const), cuts: cuts('uvw') }) },
  {
    weight: 2,
    arbitrary: fc.record({ tag: fc.constant('known' as const), isAgents: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ tag: fc.constant('out' as const), cuts: cuts('w') }) },
  {
    weight: 2,
    arbitrary: fc.record({ tag: fc.constant('unwished' as const), isFirst: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ tag: fc.constant('others' as const), cuts: cuts('ABC') }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('load' as const), cuts: cuts('?!') }) },
  { weight: 3, arbitrary: fc.constant({ tag: 'send' as const }) },
  { weight: 2, arbitrary: fc.constant({ tag: 'own' as const }) },
  { weight: 2, arbitrary: fc.constant({ tag: 'ticket' as const }) },
  { weight: 1, arbitrary: fc.constant({ tag: 'refuse' as const }) },
  { weight: 1, arbitrary: fc.constant({ tag: 'nothing' as const }) },
  { weight: 3, arbitrary: fc.constant({ tag: 'undo' as const }) },
  { weight: 2, arbitrary: fc.constant({ tag: 'redo' as const }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('native' as const), cuts: cuts('!') }) },
  { weight: 3, arbitrary: fc.record({ tag: fc.constant('enter' as const), count: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ tag: fc.constant('later' as const), ms: fc.constant(9000) }),
  },
);

/** Plays happenings against a state, as the binding would; those that do not fit do nothing. */
export class Player {
  state: DocumentState;
  readonly policy: PolicyMode;
  #nowMs = 0;
  #ids = 0;
  #seq = 0;

  constructor(state: DocumentState, policy: PolicyMode) {
    this.state = state;
    this.policy = policy;
  }

  play(happening: Happening): void {
    const { state } = this;
    const { inFlight } = state;
    switch (happening.tag) {
      case 'type':
        this.state = changeLocally(
          state,
          changesAt(state.shadow, happening.cuts),
          'typing',
          this.now(),
        );
        return;
      case 'doubt': {
        const changes = changesAt(state.shadow, happening.cuts);
        this.state = changeLocally(state, changes, 'typing', this.now(), [], ++this.#ids);
        return;
      }
      case 'out': {
        const doubts = new Set(state.pending.flatMap(({ doubt = 0 }) => doubt));
        const doubted = doubtedIn(state, doubts);
        if (!doubted) return;
        const fresh = changesAt(doubted.before, happening.cuts);
        this.state = takeOut(state, doubts, doubted, fresh);
        return;
      }
      case 'unwished': {
        const doubts = state.pending.flatMap(({ doubt = [] }) => doubt);
        this.state = withoutDoubted(
          state,
          new Set(happening.isFirst ? doubts.slice(0, 1) : doubts),
        );
        return;
      }
      case 'known':
        this.state = withMakers(state, () => (happening.isAgents ? { agent: 'a' } : 'user'));
        return;
      case 'undo':
      case 'redo':
        this.state = takeBackStep(state, happening.tag, this.now())?.state ?? state;
        return;
      case 'native':
        // Whatever the editor does by itself is taken back.
        this.state = takeBack(state, changesAt(state.shadow, happening.cuts), 'undo');
        return;
      case 'load':
        this.state = loadFromDisk(state, changesAt(state.shadow, happening.cuts));
        return;
      case 'others':
        this.#commit(`other ${this.#seq}`, changesAt(state.confirmed.text, happening.cuts));
        return;
      case 'send':
        this.state = startSending(state, 1, this.now());
        return;
      case 'own': {
        const edit = inFlight?.edits.find(isInText);
        if (edit) this.#commit(edit.opId, edit.changes);
        return;
      }
      case 'nothing':
        if (inFlight) this.state = commitNothing(state, inFlight);
        return;
      case 'ticket':
        if (inFlight) {
          const reason = { tag: 'ticket', ticketId: ++this.#seq } as const;
          this.state = withdraw(state, inFlight, reason, this.now());
        }
        return;
      case 'refuse':
        if (inFlight) {
          const reason = { tag: 'draft', code: 'locked', message: '' } as const;
          this.state = withdraw(state, inFlight, reason, this.now());
        }
        return;
      case 'enter': {
        const remote = state.remote.slice(0, happening.count);
        this.state = {
          ...state,
          shadow: state.shadow.apply(remoteChanges(remote)),
          remote: state.remote.slice(happening.count),
        };
        return;
      }
      case 'later':
        this.#nowMs += happening.ms;
    }
  }

  now(): Circumstances {
    return {
      policy: this.policy,
      waitingKeys: 'together',
      nowMs: this.#nowMs,
      newId: () => `op ${++this.#ids}`,
    };
  }

  #commit(opId: string, changes: Changes): void {
    const version = this.state.confirmed.version + 1;
    const op = { opSeq: ++this.#seq, opId, version, changes, afterHash: new Uint8Array() };
    this.state = commit(this.state, op, this.now());
  }
}

export function startText(): fc.Arbitrary<Text> {
  return fc
    .string({ unit: fc.constantFrom(...'abcdef', '\n'), maxLength: 12 })
    .map((content) => Text.of(content));
}

function changesAt(text: Text, cuts: readonly Cut[]): Changes {
  const places = placesOf(text);
  let all: Changes = [];
  for (const [from, to, inserted] of cuts) {
    const ends = [from, to < 0 ? from : to].map((at) => places[at % places.length]!);
    ends.sort(comparePositions);
    const change = replace(ends[0]!, ends[1]!, inserted);
    const isApart = all.every(
      (other) =>
        comparePositions(endOf(other), startOf(change)) < 0 ||
        comparePositions(endOf(change), startOf(other)) < 0,
    );
    if (isApart) all = [...all, change];
  }
  return compose(
    [],
    normalizeChanges(all.toSorted((a, b) => comparePositions(startOf(a), startOf(b)))),
  );
}
