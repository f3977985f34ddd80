// Conflicts, agents' work, questions of folders, claims and messages look alike: one icon and one key for one act.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ACTS: Readonly<Record<string, readonly string[]>> = {
  '$(check)': ['keepHead', 'keepHere', 'keepWork', 'keepWorkHere', 'takeFromFolder', 'acceptPatch'],
  '$(check-all)': ['keepWorkInFile', 'resolveAllConflicts', 'markMessagesRead'],
  '$(discard)': [
    'withdrawConflict',
    'takeBackWork',
    'takeBackWorkHere',
    'takeBackWorkInFile',
    'takeBackWorkSaying',
    'putBackInFolder',
    'takeBack',
    'restoreFile',
  ],
  '$(diff)': ['compareSides', 'openWork', 'openFolderFile', 'openHistoryEntry'],
  '$(question)': ['answerFolder', 'resolveRefusedEdit'],
  '$(comment)': ['writeMessage', 'writeAboutLines', 'answerInThread', 'askForClaim'],
  '$(go-to-file)': ['goToConflict', 'goToClaim', 'goToMember'],
  '$(arrow-down)': ['nextConflict', 'nextMeeting', 'nextWork'],
  '$(arrow-up)': ['previousConflict', 'previousWork'],
};

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly icon?: string }[];
    readonly keybindings: readonly {
      readonly command: string;
      readonly key: string;
      readonly mac?: string;
      readonly when?: string;
    }[];
    readonly menus: Readonly<
      Record<string, readonly { readonly command: string; readonly group?: string }[]>
    >;
    readonly views: {
      readonly agentWorld: readonly {
        readonly id: string;
        readonly when: string;
        readonly visibility?: string;
      }[];
    };
  };
}

const { contributes } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as Manifest;

test('the same act has the same icon, whatever it is done to', () => {
  const found = Object.fromEntries(
    Object.entries(ACTS).map(([icon, names]) => [
      icon,
      names.filter((name) =>
        contributes.commands.some(
          (each) => each.command === `agentWorld.${name}` && each.icon === icon,
        ),
      ),
    ]),
  );
  assert.deepEqual(found, ACTS);
});

test('next and previous, and what is kept, have keys that work in the editor', () => {
  const keys = ['nextWork', 'previousWork', 'nextConflict', 'previousConflict', 'keepHere'].map(
    (name) =>
      contributes.keybindings.find(
        ({ command, key }) => command === `agentWorld.${name}` && key.startsWith('ctrl+alt+shift+'),
      )?.key,
  );
  assert.deepEqual(
    keys,
    ['n', 'b', 'm', 'v', 'k'].map((key) => `ctrl+alt+shift+${key}`),
  );
});

test('threads and rows of conflicts and of messages offer the same acts, by the same commands', () => {
  const { menus } = contributes;
  const inThreads = (menus['comments/commentThread/title'] ?? []).map(({ command }) => command);
  const inRows = new Set((menus['view/item/context'] ?? []).map(({ command }) => command));
  assert.deepEqual(
    inThreads.map((command) => command.replace('agentWorld.', '')),
    ['keepHead', 'applyMine', 'editResult', 'compareSides', 'markMessagesRead'],
  );
  // What should stand there is written in an editor, so the rows offer that by the panel.
  const others = inThreads.filter((command) => !inRows.has(command));
  assert.deepEqual(
    others,
    others.filter((command) => command === 'agentWorld.editResult'),
  );
});

test('a key does one thing: two commands of one key are never both meant', () => {
  const places = contributes.keybindings.map(({ key, when = '' }) => `${key} ${when}`);
  assert.deepEqual(
    places.filter((place, index) => places.indexOf(place) !== index),
    [],
  );
});

test('one view is always open, the others when something waits there; without a world there is one', () => {
  const { agentWorld: views } = contributes.views;
  const open = views.filter(({ visibility }) => visibility !== 'collapsed');
  const withoutWorld = views.filter(({ when }) => !when.includes('agentWorld.bound &&'));
  assert.deepEqual(
    withoutWorld.map(({ id }) => id),
    ['agentWorld.start'],
  );
  // The others of these have a view only when something in them waits.
  const always = open.filter(({ when }) => when === 'agentWorld.bound && !agentWorld.takingBack');
  assert.deepEqual(
    always.map(({ id }) => id),
    ['agentWorld.members'],
  );
});
