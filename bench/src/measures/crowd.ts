import {
  type ConflictEntry,
  ConflictList,
  GROUPINGS,
} from '../../../src/views/conflicts/conflict-list.ts';
import { type MemberEntry, MemberList } from '../../../src/views/members/member-list.ts';
import { CROWD, DISPUTED_PATH, disputedText } from '../crowd.ts';
import { holdContest, interleave } from '../contest.ts';
import { agentWorld, crowdedAgentWorld } from '../contestants.ts';
import type { JudgedFigure, Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
import { median, pairedRatio, percentile } from '../statistics.ts';
import type { KeystrokeDelays } from '../typing.ts';

interface Round {
  readonly prose: KeystrokeDelays;
  readonly enter: KeystrokeDelays;
}

/** Typing in a world full of members and open tickets, against the same in an empty one, and its views. */
export const measureCrowd: Measure = async (options) => {
  const files = { [DISPUTED_PATH]: disputedText() };
  const [keystrokes, enters] = options.quick ? [200, 40] : [600, 100];
  const contestants = [agentWorld, crowdedAgentWorld];
  return holdContest(contestants, files, options, async ({ entrants, remarks }) => {
    const rounds = await interleave(entrants, options.rounds, async (entrant) => ({
      prose: await entrant.typeInTurns(DISPUTED_PATH, keystrokes),
      enter: await entrant.typeInTurns(DISPUTED_PATH, enters, 'enter'),
    }));
    const [empty, crowded] = [rounds.get(agentWorld) ?? [], rounds.get(crowdedAgentWorld)];
    return {
      remarks,
      figures: [
        judge('keystroke, p50', crowded, empty, ({ prose }) => prose.p50Ms),
        judge('keystroke, p95', crowded, empty, ({ prose }) => prose.p95Ms),
        judgeEnter(crowded, empty),
        judgeViews(),
      ],
    };
  });
};

const AMONG = `among ${CROWD.tickets} open tickets and ${CROWD.members} members`;

function judge(
  what: string,
  crowded: readonly Round[] | undefined,
  empty: readonly Round[],
  pick: (round: Round) => number,
): JudgedFigure {
  return {
    measure: 'crowd',
    label: `${what}, ${AMONG}`,
    ours: crowded ? milliseconds(median(crowded.map(pick))) : notMeasured,
    peer: `without: ${milliseconds(median(empty.map(pick)))}`,
    value: crowded && pairedRatio(crowded.map(pick), empty.map(pick)),
    unit: '×',
    must: 1.5,
    aim: 1.2,
    better: 'lower',
  };
}

/** A line break moves every ticket below it, each a row of its own: an amount, not a ratio. */
function judgeEnter(crowded: readonly Round[] | undefined, empty: readonly Round[]): JudgedFigure {
  const pick = ({ enter }: Round) => enter.p50Ms;
  const value = crowded && median(crowded.map(pick));
  return {
    measure: 'crowd',
    label: `line break above ${CROWD.tickets} open tickets, p50`,
    ours: value === undefined ? notMeasured : milliseconds(value),
    peer: `without: ${milliseconds(median(empty.map(pick)))}`,
    value,
    unit: ' ms',
    must: 16,
    aim: 5,
    better: 'lower',
  };
}

/** Every conflict has moved and every member has acted, and all is read again to be shown. */
function judgeViews(): JudgedFigure {
  const takenMs: number[] = [];
  for (let update = 0; update < UPDATES; update++) {
    for (const grouping of GROUPINGS) {
      const conflicts = new ConflictList(grouping, () => NOW_MS);
      const members = new MemberList();
      fill(conflicts, members, 0);
      const startMs = performance.now();
      fill(conflicts, members, 1 + update);
      conflicts.groupKeys().flatMap((key) => conflicts.inGroup(key));
      members.all();
      takenMs.push(performance.now() - startMs);
    }
  }
  const value = percentile(takenMs, 0.95);
  return {
    measure: 'crowd',
    label: `lists of conflicts and members brought up to date, p95, ${AMONG}`,
    ours: milliseconds(value),
    peer: '',
    value,
    unit: ' ms',
    must: 50,
    aim: 16,
    better: 'lower',
  };
}

function fill(conflicts: ConflictList, members: MemberList, moved: number): void {
  for (let index = 0; index < CROWD.tickets; index++) conflicts.put(conflictOf(index, moved));
  for (let index = 0; index < CROWD.members; index++) members.put(memberOf(index, moved));
}

function conflictOf(index: number, moved: number): ConflictEntry {
  const author = index % CROWD.members;
  return {
    conflictId: `ticket-${index}`,
    path: `src/file-${index % 20}.ts`,
    author: String(author),
    authorName: `Member ${author}`,
    isOwn: author === 0,
    line: index + moved,
    madeAtMs: NOW_MS - index * 3_600_000,
    excerpt: 'what was not applied',
    reason: 'overlap',
  };
}

function memberOf(index: number, moved: number): MemberEntry {
  return {
    identity: String(index),
    name: `Member ${index}`,
    kind: index % 3 === 0 ? 'agent' : 'human',
    role: 'editor',
    pathScope: [],
    paused: false,
    isSelf: index === 0,
    isHere: (index + moved) % 2 === 0,
    path: `src/file-${moved}.ts`,
    line: undefined,
    state: 'idle',
    unreviewed: undefined,
    conflicts: 0,
    claims: 0,
    activity: '',
    color: index % 8,
    last: undefined,
    invitedBy: undefined,
  };
}

const UPDATES = 50;
const NOW_MS = 1_700_000_000_000;

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}
