import { POLICY_MODES, type PolicyMode } from '../../src/core/policy.ts';
import type { WaitingKeys } from '../../src/sync/pending-edit.ts';
import type { IdSource } from '../../src/sync/ports.ts';
import type { Authority } from './authority.ts';
import { Decider } from './decider.ts';
import { Ledger, Tokens } from './keystrokes.ts';
import { ModelAuthority } from './model-authority.ts';
import { ModuleAuthority } from './module-authority.ts';
import { Network } from './network.ts';
import { checkOutcome } from './oracle.ts';
import { type AgentHabit, Patcher } from './patcher.ts';
import { Random } from './random.ts';
import { Typist } from './typist.ts';
import { VirtualTime } from './virtual-time.ts';
import { Window } from './window.ts';

/** What happens in a run; all of it follows from the seed. */
export interface Scenario {
  readonly seed: number;
  readonly policy: PolicyMode;
  readonly waitingKeys: WaitingKeys;
  readonly typists: number;
  readonly agents: number;
  /** Of the first agents; the others patch. */
  readonly habits: readonly AgentHabit[];
  readonly editorMaxMs: number;
  readonly worldMaxMs: number;
  readonly diskMaxMs: number;
  readonly activeMs: number;
  readonly keyMs: number;
  readonly disconnects: number;
  readonly crashes: number;
  readonly reloads: number;
  readonly serverRestarts: number;
  readonly policyChanges: number;
  readonly pauses: number;
  readonly deletions: number;
  readonly refuseChance: number;
  readonly repeatChance: number;
  readonly hotChance: number;
  /** How likely an editor deletes a character more than it was asked to. */
  readonly overreachChance: number;
  readonly undoChance: number;
  readonly nativeChance: number;
  /** People also write what should stand in place of conflicts, where the world can be told. */
  readonly hasDecisions: boolean;
}

export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  const isRough = random.chance(0.6);
  const rough = (most: number): number => (isRough ? random.integer(0, most) : 0);
  const typists = random.integer(1, 4);
  return {
    seed,
    policy: random.chance(0.5) ? 'auto' : random.pick(POLICY_MODES),
    // By the number and not by chance, so that a kept seed stays the scenario that it was.
    waitingKeys: seed % 4 === 0 ? 'apart' : 'together',
    typists: Math.max(typists, 2 - random.integer(0, 1)),
    agents: random.integer(typists === 1 ? 1 : 0, 2),
    habits: [],
    editorMaxMs: random.pick([0, 5, 30, 100]),
    worldMaxMs: random.pick([0, 10, 50, 200, 800]),
    diskMaxMs: random.pick([0, 5, 50]),
    activeMs: random.integer(1500, 6000),
    keyMs: random.pick([30, 60, 120]),
    disconnects: rough(6),
    crashes: rough(3),
    reloads: rough(2),
    serverRestarts: rough(1),
    policyChanges: random.chance(0.2) ? random.integer(1, 3) : 0,
    pauses: random.chance(0.15) ? random.integer(1, 2) : 0,
    deletions: random.chance(0.1) ? 1 : 0,
    refuseChance: random.chance(0.3) ? 0.05 : 0,
    repeatChance: random.chance(0.5) ? 0.05 : 0,
    hotChance: random.pick([0, 0.3, 0.9]),
    overreachChance: seed % 8 === 0 ? 0.2 : 0,
    undoChance: seed % 7 < 2 ? 0.3 : 0,
    nativeChance: seed % 7 === 1 ? 0.4 : 0,
    hasDecisions: seed % 7 > 3,
  };
}

/** Two people and ten agents: one floods, one dies in the middle of calls, one only writes whole files. */
export function crowdOf(seed: number): Scenario {
  const habits = ['floods', 'crashes', 'writes'] as const;
  return { ...scenarioOf(seed), typists: 2, agents: 10, habits, activeMs: 1500 };
}

/** Keys that wait apart are sent one by one after a crash: that takes as many answers. */
const MAX_ROUNDS = 200;

/** What a run was made of, for showing that it tested something. */
export interface RunFigures {
  readonly keys: number;
  readonly ops: number;
  readonly tickets: number;
  /** Steps taken back or made again. */
  readonly taken: number;
  readonly drafts: number;
  readonly steps: number;
  readonly failedApplies: number;
  /** Decisions that were carried out, and that met a head which had moved. */
  readonly decisions: number;
  readonly movedDecisions: number;
}

/** Runs a scenario to its end and checks the outcome. Throws an Error that says what was lost. */
export async function simulate(
  scenario: Scenario,
  makeAuthority: (
    text: string,
    scenario: Scenario,
    time: VirtualTime,
  ) => Promise<Authority> = modelAuthority,
): Promise<RunFigures> {
  const random = new Random(scenario.seed ^ 0x5eed);
  const time = new VirtualTime();
  const tokens = new Tokens();
  const ledger = new Ledger();
  const start = Array.from({ length: random.integer(1, 12) }, () =>
    tokens.several(random.integer(0, 14)),
  ).join('\n');
  const authority = await makeAuthority(start, scenario, time);
  const network = new Network(
    authority,
    time,
    random.fork(),
    { minMs: scenario.worldMaxMs / 10, maxMs: scenario.worldMaxMs },
    scenario.repeatChance,
  );
  const ids = countingIds();
  const { activeMs } = scenario;
  const windows: Window[] = [];
  const typists: Typist[] = [];
  for (const name of typistNames(scenario)) {
    const editorDelay = { minMs: 0, maxMs: scenario.editorMaxMs };
    const window = new Window(name, network, ids, {
      editorDelay,
      diskDelayMs: scenario.diskMaxMs,
      waitingKeys: scenario.waitingKeys,
      overreachChance: scenario.overreachChance,
    });
    const typist = new Typist(name, time, random.fork(), tokens, ledger, {
      keyMs: scenario.keyMs,
      pauseMs: 400,
      hotChance: scenario.hotChance,
      undoChance: scenario.undoChance,
      nativeChance: scenario.nativeChance,
    });
    typist.onTakeBack = (kind) => window.takeBack(kind);
    window.onTaken = (changes, before) => ledger.noteTaken(name, time.nowMs(), before, changes);
    window.onOpened = (editor) => typist.use(editor);
    window.open(start);
    typist.start(activeMs);
    windows.push(window);
    typists.push(typist);
  }
  const agents = agentNames(scenario).map((name, index) => {
    const habit = scenario.habits[index];
    const agent = new Patcher(name, network, ids, tokens, ledger, 300, habit);
    agent.start(activeMs);
    return agent;
  });
  const trouble = random.fork();
  const deciders =
    scenario.hasDecisions && authority.decide
      ? windows.map(({ actor }) => {
          const editorDelay = { minMs: 0, maxMs: scenario.editorMaxMs };
          const delays = { editorDelay, diskDelayMs: scenario.diskMaxMs };
          const decider = new Decider(actor, network, ids, tokens, ledger, delays);
          decider.start(activeMs);
          return decider;
        })
      : [];
  planTrouble(scenario, trouble, time, network, windows, typists, agents, deciders, ledger);
  const isBroken = (): boolean => windows.some((window) => window.broken !== undefined);
  let steps = await time.run(activeMs, isBroken);
  const isSettled = (): boolean =>
    windows.every((window) => window.binding.isSettled && window.file.isConnected) &&
    agents.every((agent) => agent.isSettled && agent.file.isConnected) &&
    deciders.every(({ isDeciding }) => !isDeciding);
  // Long enough for every reconnect and idle check; then nothing may be on its way. What one window
  // was just told that it did may still be on its way to the others: rest is being settled twice.
  for (let round = 0, settled = 0; round < MAX_ROUNDS && (round < 4 || settled < 2); round++) {
    steps += await time.run(time.nowMs() + 2000, isBroken);
    settled = isSettled() ? settled + 1 : 0;
  }
  try {
    for (const { broken } of windows) if (broken !== undefined) throw broken;
    const hasPolicyChanges = scenario.policyChanges > 0;
    checkOutcome({ authority, ledger, windows, agents, deciders, start, hasPolicyChanges });
  } finally {
    for (const window of windows) window.crash();
    await authority.close();
  }
  return {
    keys: ledger.edits.length,
    ops: authority.history.length,
    tickets: authority.tickets().length,
    taken: ledger.takenCount,
    drafts: windows.reduce((sum, window) => sum + window.disk.drafts.size, 0),
    steps,
    failedApplies: windows.reduce((sum, window) => sum + window.editor.failedApplies, 0),
    decisions: deciders.reduce((sum, { done }) => sum + done, 0),
    movedDecisions: deciders.reduce((sum, { moved }) => sum + moved, 0),
  };
}

/** The world's own module in the embedded engine. */
export function moduleAuthority(
  text: string,
  scenario: Scenario,
  time: VirtualTime,
): Promise<Authority> {
  const actors = [
    ...typistNames(scenario).map((name) => ({ name, isAgent: false })),
    ...agentNames(scenario).map((name) => ({ name, isAgent: true })),
  ];
  const random = new Random(scenario.seed ^ 0xb175);
  return ModuleAuthority.create(text, scenario.policy, actors, time, random);
}

function typistNames({ typists }: Scenario): string[] {
  return Array.from({ length: typists }, (_, index) => `typist ${index}`);
}

function agentNames({ agents }: Scenario): string[] {
  return Array.from({ length: agents }, (_, index) => `agent ${index}`);
}

function modelAuthority(text: string, scenario: Scenario, time: VirtualTime): Promise<Authority> {
  const random = new Random(scenario.seed ^ 0xa07);
  const codes = ['locked', 'paused', 'too_large', 'forbidden'];
  const refuse = (): string | undefined =>
    random.chance(scenario.refuseChance) ? random.pick(codes) : undefined;
  return Promise.resolve(new ModelAuthority(text, scenario.policy, () => time.nowMs(), refuse));
}

function planTrouble(
  scenario: Scenario,
  random: Random,
  time: VirtualTime,
  network: Network,
  windows: readonly Window[],
  typists: readonly Typist[],
  agents: readonly Patcher[],
  deciders: readonly Decider[],
  ledger: Ledger,
): void {
  const sometime = (run: () => void | Promise<void>): void =>
    void time.after(random.integer(1, scenario.activeMs), run);
  for (let count = 0; count < scenario.disconnects; count++) {
    sometime(() => random.pick([...windows, ...agents]).file.disconnect());
  }
  for (let count = 0; count < scenario.serverRestarts; count++) sometime(() => network.restart());
  for (let count = 0; count < scenario.policyChanges; count++) {
    sometime(() => network.setPolicy(random.pick(POLICY_MODES)));
  }
  const forAWhile = (act: (authority: Authority, isOn: boolean) => Promise<void>): void =>
    sometime(async () => {
      await network.administer((authority) => act(authority, true));
      time.after(random.integer(50, 800), () =>
        network.administer((authority) => act(authority, false)),
      );
    });
  for (let count = 0; count < scenario.pauses; count++) {
    const name = random.pick([...typistNames(scenario), ...agentNames(scenario)]);
    forAWhile((authority, isOn) => authority.setPaused(name, isOn));
  }
  if (scenario.deletions > 0) forAWhile((authority, isOn) => authority.setDeleted(isOn));
  for (let count = 0; count < scenario.crashes; count++) {
    sometime(() => {
      const index = random.integer(0, windows.length - 1);
      if (windows[index]!.isOpen) deciders[index]?.crash();
      crashAndReopen(windows[index]!, typists[index]!, ledger, random, time, network);
    });
  }
  for (let count = 0; count < scenario.reloads; count++) {
    sometime(() => {
      const { history } = network.authority;
      const version = Math.max(1, history.length + 1 - random.integer(0, 3));
      random.pick(windows).editor.load(network.authority.textAt(version).toString());
    });
  }
}

function crashAndReopen(
  window: Window,
  typist: Typist,
  ledger: Ledger,
  random: Random,
  time: VirtualTime,
  network: Network,
): void {
  if (!window.isOpen) return;
  const graceMs = 4 * window.editorDelay.maxMs + 3 * window.disk.maxDelayMs + 50;
  ledger.excuseSince(typist.name, time.nowMs() - graceMs);
  const shown = window.editor.shown.toString();
  typist.leave();
  window.crash();
  time.after(random.integer(10, 1500), () => {
    const { history } = network.authority;
    const version = random.integer(1, history.length + 1);
    window.open(random.chance(0.5) ? shown : network.authority.textAt(version).toString());
  });
}

function countingIds(): IdSource {
  let count = 0;
  return {
    next: () => `00000000-0000-7000-8000-${(++count).toString(16).padStart(12, '0')}`,
  };
}
