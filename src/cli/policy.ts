import { LOCK_POLICIES, type LockPolicy } from '../core/op-payload.ts';
import { differingLimits, parseLimits } from '../core/limits.ts';
import { EXPORT_RULES, type ExportRule } from '../core/export-rule.ts';
import { POLICY_MODES, type PolicyMode } from '../core/policy.ts';
import type { RestorationRule } from '../core/restoration.ts';
import { RESTORATION_RULES, type RestorationRules } from '../core/restoration-action.ts';
import { changeExportRule, exportRule } from '../world/export-rule.ts';
import { changeRules, type Rules } from '../world/change-rules.ts';
import { changeRestorationRules, restorationRules } from '../world/restorations.ts';
import type { Workspace } from '../world/world-rows.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const policyCommand: Command = {
  name: 'policy',
  usage: '[WORLD]',
  summary: 'what a world does with edits that meet',
  explanation: `
Shows by which rules a world judges edits that were made at the same time, whether claims bind agents,
and its limits where they differ from the defaults. An owner changes them:
  strict           every edit made without knowing the newest text becomes a ticket
  line             edits on the same lines become tickets
  auto             typing is judged by character, whole pieces of text also by line (the default)
  last_write_wins  everything is applied; the history says what was overwritten
The history tells when the rules changed; edits are judged by those that hold when they arrive.
A folder in which a tool puts old text back over others' work asks before it is taken (agent-world
restorations); an owner who is a person can change that for the folders of agents, and of people.
An export may take what agents did before people look at it (any), or only what they have kept or taken
back of it (reviewed); an owner who is a person changes that, too.`,
  options: [
    { name: 'mode', value: 'MODE', meaning: 'strict, line, auto or last_write_wins' },
    { name: 'locks', value: 'WHAT', meaning: 'enforce: claims refuse agents; advise: they warn' },
    { name: 'agent-folders', value: 'WHAT', meaning: 'ask, or take what their tools write' },
    { name: 'people-folders', value: 'WHAT', meaning: 'the same of the folders of people' },
    { name: 'exports', value: 'WHAT', meaning: 'any, or only what is reviewed' },
    { name: 'limit', value: 'NAME=N', meaning: 'set a limit; NAME= goes back to the default' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { terminal } = context;
    return withWorld(context, line.positionals[0], async (session) => {
      const present = session.workspace!;
      const wanted = changed(present, line);
      const wantedRestorations = changedRestorations(line);
      const wantedExports = changedExports(line);
      const { policyMode, lockPolicy, limits } = wanted
        ? await changeRules(session, wanted)
        : present;
      const restorations = wantedRestorations
        ? await changeRestorationRules(session, wantedRestorations)
        : restorationRules(session);
      if (wantedExports) await changeExportRule(session, wantedExports);
      const exports = wantedExports ?? exportRule(session);
      const differing = differingLimits(limits);
      terminal.json({ policyMode, lockPolicy, limits: differing, restorations, exports });
      terminal.line(`${policyMode}: ${MEANINGS[policyMode]}`);
      terminal.line(`${lockPolicy}: ${LOCK_MEANINGS[lockPolicy as LockPolicy] ?? ''}`);
      if (restorations) {
        terminal.line(
          `folders of agents ${restorations.agents}: ${FOLDER_MEANINGS[restorations.agents]}`,
        );
        terminal.line(
          `folders of people ${restorations.people}: ${FOLDER_MEANINGS[restorations.people]}`,
        );
      }
      if (exports) terminal.line(`exports ${exports}: ${EXPORT_MEANINGS[exports]}`);
      for (const [name, value] of Object.entries(differing)) terminal.line(`${name} = ${value}`);
      return EXIT.ok;
    });
  },
};

/** Undefined when the command line changes nothing. Throws `UsageError`. */
function changed(present: Workspace, line: CommandLine): Rules | undefined {
  const mode = line.text('mode');
  const locks = line.text('locks');
  const limit = line.text('limit');
  if (mode === undefined && locks === undefined && limit === undefined) return undefined;
  if (mode !== undefined && !POLICY_MODES.includes(mode as PolicyMode)) {
    throw new UsageError(`--mode must be one of ${POLICY_MODES.join(', ')}: ${mode}`);
  }
  if (locks !== undefined && !LOCK_POLICIES.includes(locks as LockPolicy)) {
    throw new UsageError(`--locks must be enforce or advise: ${locks}`);
  }
  return {
    policyMode: (mode as PolicyMode | undefined) ?? present.policyMode,
    lockPolicy: locks ?? present.lockPolicy,
    limits: limit === undefined ? present.limits : withLimit(present.limits, limit),
  };
}

/** Undefined when the command line changes nothing of it. Throws `UsageError`. */
function changedRestorations(line: CommandLine): Partial<RestorationRules> | undefined {
  const agents = folderRule(line, 'agent-folders');
  const people = folderRule(line, 'people-folders');
  if (!agents && !people) return undefined;
  return { ...(agents && { agents }), ...(people && { people }) };
}

function folderRule(line: CommandLine, option: string): RestorationRule | undefined {
  const word = line.text(option);
  if (word === undefined) return undefined;
  const rule = RESTORATION_RULES.find((each) => each === word);
  if (!rule) throw new UsageError(`--${option} must be ask or take: ${word}`);
  return rule;
}

/** Undefined when the command line does not change it. Throws `UsageError`. */
function changedExports(line: CommandLine): ExportRule | undefined {
  const word = line.text('exports');
  if (word === undefined) return undefined;
  const rule = EXPORT_RULES.find((each) => each === word);
  if (!rule) throw new UsageError(`--exports must be any or reviewed: ${word}`);
  return rule;
}

function withLimit(limits: string, text: string): string {
  const match = /^([a-zA-Z]+)=(\d{0,10})$/.exec(text);
  if (!match) throw new UsageError(`Not a limit as NAME=N: ${text}`);
  const [, name, value] = match;
  const { [name!]: _, ...others } =
    limits === '' ? {} : (JSON.parse(limits) as Record<string, number>);
  const next = value === '' ? others : { ...others, [name!]: Number(value) };
  const json = Object.keys(next).length === 0 ? '' : JSON.stringify(next);
  if (!parseLimits(json)) throw new UsageError(`There is no limit ${name}, or not with that value`);
  return json;
}

const MEANINGS: Readonly<Record<PolicyMode, string>> = {
  strict: 'every edit made without knowing the newest text becomes a ticket',
  line: 'edits on the same lines become tickets',
  auto: 'typing is judged by character, whole pieces of text also by line',
  last_write_wins: 'everything is applied; the history says what was overwritten',
};

const FOLDER_MEANINGS: Readonly<Record<RestorationRule, string>> = {
  ask: 'where a tool puts old text back over others’ work, somebody is asked',
  take: 'what a tool puts back is taken like any edit',
};

const EXPORT_MEANINGS: Readonly<Record<ExportRule, string>> = {
  any: 'what agents did may be exported before people look at it; the commit says so',
  reviewed: 'people look at what agents did before it is exported',
};

const LOCK_MEANINGS: Readonly<Record<LockPolicy, string>> = {
  enforce: 'agents are refused on claimed lines, people are warned',
  advise: 'claims warn, and refuse nobody',
};
