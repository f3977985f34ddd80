import * as vscode from 'vscode';
import type { MemberKind, Role } from '../../core/op-payload.ts';
import { isScopeGlob } from '../../core/path-scope.ts';
import { givesNoMore } from '../../core/rights.ts';
import { parseLimits } from '../../core/limits.ts';
import type { InviteTerms } from '../../world/invite.ts';
import { rightsOf } from '../../world/rights.ts';
import type { Member } from '../../world/world-rows.ts';
import { askSteps, type Step, type StepChoice } from '../steps.ts';
import { usesText } from './invite-items.ts';
import { kindName, roleMeaning, roleName, scopeText } from './member-words.ts';
import { coverage } from './scope-box.ts';
import { parseScope, topFolders } from './scope-text.ts';

/** What the clipboard gets. */
export type InviteForm = 'link' | 'command';

export interface InviteWishes extends Pick<InviteTerms, 'kind' | 'role' | 'pathScope' | 'uses'> {
  readonly holdsMs: number;
  readonly form: InviteForm;
}

export interface InviteQuestion {
  readonly world: string;
  /** The world can be reached from this machine alone. */
  readonly isHereOnly: boolean;
  /** Who invites: nobody gives more than they have. */
  readonly self: Member;
  readonly paths: readonly string[];
  /** As the world keeps them. */
  readonly limits: string;
}

/** Asks for whom an invite is and what it gives, a question at a time; Enter takes the usual answer. */
export function askInvite(question: InviteQuestion): Promise<InviteWishes | undefined> {
  const first: InviteWishes = {
    kind: 'human',
    role: 'editor',
    pathScope: question.self.role === 'owner' ? [] : question.self.pathScope,
    holdsMs: DAY_MS,
    uses: 1,
    form: 'link',
  };
  const steps = [whom, where, howLong, howOften, inWhichForm].map((ask) => ask(question));
  return askSteps(vscode.l10n.t('Invite to “{0}”', question.world), first, steps);
}

/** What the invite gives, from `nowMs` on. */
export function termsOf(wishes: InviteWishes, self: Member, nowMs: number): InviteTerms {
  const { kind, role, pathScope, uses, holdsMs } = wishes;
  const usual = rightsOf(role);
  const capabilities =
    self.role === 'owner' ? usual : usual.filter((each) => self.capabilities.includes(each));
  return { kind, role, capabilities, pathScope, uses, expiresAtMs: nowMs + holdsMs };
}

type Ask = (question: InviteQuestion) => Step<InviteWishes>;

const whom: Ask = ({ self }) => {
  const { pathScope } = self;
  return (known) => {
    const choices = (['human', 'agent'] as const).flatMap((kind) =>
      (['editor', 'viewer', 'owner'] as const)
        .filter((role) => givesNoMore(self, { kind, role, capabilities: [], pathScope }))
        .filter((role) => kind === 'human' || role !== 'owner')
        .map((role): StepChoice<InviteWishes> => ({
          label: `$(${iconOf(kind, role)}) ${kindName(kind)}, ${roleName(role)}`,
          detail: roleMeaning(role),
          answer: { ...known, kind, role },
        })),
    );
    return { placeholder: vscode.l10n.t('Who is it for?'), choices };
  };
};

const where: Ask = ({ self, paths }) => {
  // An owner may give any scope; others what is their own, or a part of it by its very words.
  const isFree = self.role === 'owner' || self.pathScope.length === 0;
  return (known) => {
    const choice = (label: string, pathScope: readonly string[]): StepChoice<InviteWishes> => ({
      label,
      description: coverage(pathScope, paths),
      answer: { ...known, pathScope },
    });
    if (!isFree) {
      const parts = self.pathScope.length > 1 ? self.pathScope.map((glob) => [glob]) : [];
      const scopes = [self.pathScope, ...parts];
      return {
        placeholder: vscode.l10n.t('Where may they write? You can pass on what you may yourself'),
        choices: scopes.map((scope) => choice(`$(lock) ${scopeText(scope)}`, scope)),
      };
    }
    const folders = topFolders(paths).map((folder) =>
      choice(`$(folder) ${scopeText([`${folder}/**`])}`, [`${folder}/**`]),
    );
    return {
      placeholder: vscode.l10n.t('Where may they write? Pick, or type paths such as src/**, *.md'),
      choices: [choice(`$(globe) ${vscode.l10n.t('everywhere')}`, []), ...folders],
      typed: (text) => {
        const scope = parseScope(text);
        const isRight = scope.length > 0 && scope.every(isScopeGlob);
        return isRight ? choice(`$(edit) ${scopeText(scope)}`, scope) : undefined;
      },
    };
  };
};

const howLong: Ask = ({ limits }) => {
  const longestMs = parseLimits(limits)?.inviteMs ?? DAY_MS;
  return (known) => {
    const choice = (label: string, holdsMs: number): StepChoice<InviteWishes> => ({
      label: `$(clock) ${label}`,
      answer: { ...known, holdsMs },
    });
    const all = [
      choice(vscode.l10n.t('1 day'), DAY_MS),
      choice(vscode.l10n.t('1 hour'), HOUR_MS),
      choice(vscode.l10n.t('1 week'), 7 * DAY_MS),
      choice(vscode.l10n.t('30 days'), 30 * DAY_MS),
    ];
    const choices = all.filter(({ answer }) => answer.holdsMs <= longestMs);
    return {
      placeholder: vscode.l10n.t('How long does it hold? Pick, or type a number of hours'),
      // The world's clock may be a little behind this one.
      choices:
        choices.length > 0 ? choices : [choice(vscode.l10n.t('as long as it can'), longestMs)],
      typed: (text) => {
        const hours = wholeNumber(text);
        return hours === undefined || hours * HOUR_MS > longestMs
          ? undefined
          : choice(vscode.l10n.t('{0} hours', hours), hours * HOUR_MS);
      },
    };
  };
};

const howOften: Ask = ({ limits }) => {
  const most = parseLimits(limits)?.members ?? 1;
  return (known) => {
    const choice = (uses: number): StepChoice<InviteWishes> => ({
      label: `$(person-add) ${usesText(uses)}`,
      answer: { ...known, uses },
    });
    return {
      placeholder: vscode.l10n.t('How often may it be used? Pick, or type a number'),
      choices: [1, 5, 25].filter((uses) => uses <= most).map(choice),
      typed: (text) => {
        const uses = wholeNumber(text);
        return uses === undefined || uses > most ? undefined : choice(uses);
      },
    };
  };
};

const inWhichForm: Ask =
  ({ isHereOnly }) =>
  (known) => {
    const choice = (
      form: InviteForm,
      icon: string,
      label: string,
      detail: string,
    ): StepChoice<InviteWishes> => ({
      label: `$(${icon}) ${label}`,
      detail,
      answer: { ...known, form },
    });
    const link = choice(
      'link',
      'link',
      vscode.l10n.t('Copy a link'),
      vscode.l10n.t('Opens VS Code, which asks before anything is joined.'),
    );
    const command = choice(
      'command',
      'terminal',
      vscode.l10n.t('Copy a line for a terminal'),
      vscode.l10n.t('For the command line, and for an agent on a machine or in a home of its own.'),
    );
    return {
      placeholder: isHereOnly
        ? vscode.l10n.t('For this machine only. To invite others, move the world to a server first')
        : vscode.l10n.t('Whoever has it can join: send it only to whom it is meant for'),
      choices: known.kind === 'agent' ? [command, link] : [link, command],
    };
  };

function iconOf(kind: MemberKind, role: Role): string {
  if (role === 'viewer') return 'eye';
  return kind === 'agent' ? 'hubot' : role === 'owner' ? 'shield' : 'person';
}

function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text.trim()) ? Number(text) : undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
