import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOT, picture, type ToldFirst, ToldPast, type ToldWrite } from './told-past.ts';

const FIRST = 'one of all\ntwo of all\nthree of all\nfour of all\nfive of all\n';
/** Lines of 16 bytes: a page of memory ends with one. */
const LONG = Array.from({ length: 260 }, (_, at) => `line number ${String(at).padStart(3)}\n`).join(
  '',
);

interface Case extends ToldWrite, ToldFirst {
  readonly name: string;
  readonly past: (past: ToldPast) => ToldPast;
  readonly first?: string;
  readonly write: string;
  /** The text before the write, with what is put back drawn into it; none for an edit. */
  readonly is?: string;
  readonly owners?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a checkout undoes a line of Ada',
    past: (past) => past.by('ada', FIRST.replace('two of all', 'two of Ada')),
    write: FIRST,
    is: 'one of all\n«two of Ada\n→two of all\n»three of all\nfour of all\nfive of all\n',
    owners: ['ada'],
  },
  {
    name: 'a number in a line becomes again what it was',
    first: 'a = 1\nb = 1\n',
    past: (past) => past.by('ada', 'a = 2\nb = 1\n').by(BOT, 'a = 2\nb = 3\n'),
    write: 'a = 1\nb = 3\n',
    is: '«a = 2\n→a = 1\n»b = 3\n',
    owners: ['ada'],
  },
  {
    name: 'a line that the bot itself had changed goes back to how it was',
    past: (past) => past.by(BOT, FIRST.replace('two of all', 'two of the bot')),
    write: FIRST,
  },
  {
    name: 'a line of Ada becomes something new',
    past: (past) => past.by('ada', FIRST.replace('two of all', 'two of Ada')),
    write: FIRST.replace('two of all', 'two of the bot'),
  },
  {
    name: 'a stale file is written whole, with one real change',
    past: (past) =>
      past
        .by('ada', FIRST.replace('two of all', 'two of Ada'))
        .by('bob', FIRST.replace('two of all', 'two of Ada').replace('four of', 'four by Bob of')),
    write: FIRST.replace('three of all', 'three, rewritten'),
    is: 'one of all\n«two of Ada\n→two of all\n»three, rewritten\n«four by Bob of all\n→four of all\n»five of all\n',
    owners: ['ada', 'bob'],
  },
  {
    name: 'a stale file is written whole: lines that Ada put in at two places are gone, and a new one is there',
    past: (past) =>
      past.by('ada', `import ada\n${FIRST}`).by('ada', `import ada\n${FIRST}function ada\n`),
    write: FIRST.replace('three of all', 'three, rewritten'),
    is: '«import ada\n→»one of all\ntwo of all\nthree, rewritten\nfour of all\nfive of all\n«function ada\n→»',
    owners: ['ada'],
  },
  {
    name: 'lines that Ada put in go, of the rest of her work nothing does',
    past: (past) =>
      past
        .by('ada', FIRST.replace('one of all', 'one of Ada'))
        .by('ada', `${FIRST.replace('one of all', 'one of Ada')}six of Ada\nseven of Ada\n`),
    write: `${FIRST.replace('one of all', 'one of the bot')}seven of Ada\n`,
  },
  {
    name: 'lines that Ada has just put in go while something else is rewritten',
    past: (past) => past.by('ada', `${FIRST}sixth line of Ada\n`),
    write: FIRST.replace('one of all', 'one of the bot'),
    is: `${FIRST.replace('one of all', 'one of the bot')}«sixth line of Ada\n→»`,
    owners: ['ada'],
  },
  {
    name: 'lines that Ada put in go while something else is rewritten, by a bot that has written since',
    past: (past) =>
      past
        .by('ada', `${FIRST}sixth line of Ada\n`)
        .by(BOT, `${FIRST.replace('two of all', 'two of the bot')}sixth line of Ada\n`),
    write: FIRST.replace('two of all', 'two of the bot').replace('one of all', 'one of the bot'),
  },
  {
    name: 'lines that Ada put in go while something else is rewritten, an hour later',
    past: (past) => past.by('ada', `${FIRST}sixth line of Ada\n`).later(60),
    write: FIRST.replace('one of all', 'one of the bot'),
  },
  {
    name: 'lines that Ada put in go, and the file is as it was',
    past: (past) => past.by('ada', `${FIRST}six of Ada\n`),
    write: FIRST,
    is: `${FIRST}«six of Ada\n→»`,
    owners: ['ada'],
  },
  {
    name: 'lines of Ada go, and git was at work just then, as it often is',
    past: (past) =>
      past.by('ada', `${FIRST}six of Ada\n`).by(BOT, `zero of the bot\n${FIRST}six of Ada\n`),
    write: `zero of the bot\n${FIRST}`,
    byGit: true,
  },
  ...[true, false].map((byGit) => ({
    name: `lines that others put in at two places go, and what is new comes, ${byGit ? 'where git was at work' : 'by an edit'}`,
    past: (past: ToldPast) =>
      past
        .by('ada', `zero of Ada\n${FIRST}`)
        .by('bob', `zero of Ada\n${FIRST}six of Bob\n`)
        .by('ada', `zero of Ada\n${FIRST.replace('two of', 'two of Ada and')}six of Bob\n`),
    write: FIRST.replace('two of', 'two of Ada and').replace(
      'four of all',
      'four of all\nof a pull',
    ),
    byGit,
    ...(byGit && {
      is: `«zero of Ada\n→»${FIRST.replace('two of', 'two of Ada and').replace('four of all', 'four of all\nof a pull')}«six of Bob\n→»`,
      owners: ['ada', 'bob'],
    }),
  })),
  {
    name: 'lines of Ada go, and the file is as git had it',
    past: (past) =>
      past.by('ada', `${FIRST}six of Ada\n`).by(BOT, `zero of the bot\n${FIRST}six of Ada\n`),
    write: `zero of the bot\n${FIRST}`,
    git: [`zero of the bot\n${FIRST}`],
    is: `zero of the bot\n${FIRST}«six of Ada\n→»`,
    owners: ['ada'],
  },
  {
    name: 'lines that Ada had deleted come back',
    past: (past) =>
      past
        .by('ada', FIRST.replace('two of all\nthree of all\n', ''))
        .by(BOT, `zero\n${FIRST.replace('two of all\nthree of all\n', '')}`),
    write: `zero\n${FIRST}`,
    is: 'zero\none of all\n«→two of all\nthree of all\n»four of all\nfive of all\n',
    owners: ['ada'],
  },
  {
    name: 'an end of a block comes where Ada had deleted one once',
    first: 'a {\n  x\n}\n}\n',
    past: (past) => past.by('ada', 'a {\n  x\n}\n'),
    write: 'b {\na {\n  x\n}\n}\n',
  },
  {
    name: 'a formatter moves what Ada wrote',
    first: 'call(a, b)\nend\n',
    past: (past) => past.by('ada', 'call( a,b );\nend\n'),
    write: 'call(a, b);\nend\n',
  },
  {
    name: 'a formatter makes a line again what it was before Ada wrote it untidily',
    first: 'call(a, b);\nend\n',
    past: (past) => past.by('ada', 'call( a,b )\nend\n'),
    write: 'call(a, b);\nend\n',
  },
  {
    name: 'a function of Ada is moved',
    past: (past) => past.by('ada', `function ada {\n  work of Ada\n}\n${FIRST}`),
    write: `${FIRST}function ada {\n  work of Ada\n}\n`,
  },
  {
    name: 'a paragraph of Ada is rewritten',
    first: 'Title\n\nA paragraph.\n\nEnd\n',
    past: (past) => past.by('ada', 'Title\n\nA paragraph of Ada\nwith two lines.\n\nEnd\n'),
    write: 'Title\n\nAnother one,\n\nin two parts.\n\nEnd\n',
  },
  {
    name: 'a sentence that Ada put into a line is taken out',
    first: 'It works. It is quick.\nx\n',
    past: (past) =>
      past
        .by('ada', 'It works. We know why. It is quick.\nx\n')
        .by('ada', 'It works. We know why. It is quick.\nx of Ada\n'),
    write: 'It works. It is quick.\nx of Ada\n',
  },
  {
    name: 'the end of what Ada has just typed is cut off',
    first: 'begin\n\nend\n',
    past: (past) =>
      past
        .types(
          'ada',
          'begin\ncall(one\nend\n',
          'begin\ncall(one, two\nend\n',
          'begin\ncall(other\nend\n',
        )
        .by('ada', 'begin\ncall(other\nend of Ada\n'),
    write: 'begin\ncall(one, two\nend of Ada\n',
  },
  {
    name: 'old and new lines follow each other',
    past: (past) => past.by('ada', FIRST.replace('two of all', 'two of Ada')),
    write: FIRST.replace('two of all', 'two of all').replace(
      'three of all',
      'a very other third line',
    ),
    is: 'one of all\n«two of Ada\n→two of all\n»a very other third line\nfour of all\nfive of all\n',
    owners: ['ada'],
  },
  {
    name: 'a hunk undoes work of the bot and of Ada',
    past: (past) =>
      past
        .by(BOT, FIRST.replace('two of all', 'two of the bot'))
        .by('ada', FIRST.replace('two of all', 'two of the bot and Ada')),
    write: FIRST,
    is: 'one of all\n«two of the bot and Ada\n→two of all\n»three of all\nfour of all\nfive of all\n',
    owners: ['ada'],
  },
  {
    name: 'what Bob had overwritten of Ada’s is not there to go away',
    past: (past) =>
      past
        .by('ada', FIRST.replace('two of all', 'something of Ada'))
        .by('bob', FIRST.replace('two of all', 'whatever by Bob')),
    write: FIRST.replace('two of all', 'something of Ada'),
    is: 'one of all\n«whatever by Bob\n→something of Ada\n»three of all\nfour of all\nfive of all\n',
    owners: ['bob'],
  },
  {
    name: 'the last line has no end',
    first: 'one\ntwo of all',
    past: (past) => past.by('ada', 'one\ntwo of Ada'),
    write: 'one\ntwo of all',
    is: 'one«\ntwo of Ada→\ntwo of all»',
    owners: ['ada'],
  },
  {
    name: 'the only line is old',
    first: 'all',
    past: (past) => past.by('ada', 'of Ada\nand more'),
    write: 'all',
    is: '«of Ada\nand more→all»',
    owners: ['ada'],
  },
  {
    name: 'another branch has another text, which this world never had',
    past: (past) => past.by('ada', FIRST.replace('two of all', 'two of Ada')),
    write: FIRST.replace('two of all', 'second in the branch').replace(
      'five of all',
      'fifth there',
    ),
    byGit: true,
    git: [
      FIRST.replace('two of all', 'second in the branch').replace('five of all', 'fifth there'),
    ],
    is: 'one of all\n«two of Ada\n→second in the branch\n»three of all\nfour of all\nfifth there\n',
    owners: ['ada'],
  },
  ...[
    { whose: 'that Ada made', by: 'ada', madeBy: 'ada', byGit: true },
    { whose: 'that Ada made, which an agent writes as git had it', by: 'ada', madeBy: 'ada' },
    { whose: 'that the bot made', by: 'bot', madeBy: BOT, byGit: true },
    { whose: 'that came with an import', by: 'import', byGit: true },
  ].flatMap(({ whose, by, ...how }) =>
    [false, true].map((isChanged) => ({
      ...how,
      name: `another branch has other text of a file ${whose}${isChanged ? ', and the bot has gone on with' : ''}`,
      past: (past: ToldPast) => (isChanged ? past.by(BOT, `${FIRST}six of the bot\n`) : past),
      write: FIRST.replace('two of all', 'two of the branch'),
      git: [FIRST.replace('two of all', 'two of the branch')],
      ...(by === 'ada' &&
        how.byGit && {
          is: `one of all\n«two of all\n→two of the branch\n»three of all\nfour of all\nfive of all\n`,
          owners: ['ada'],
        }),
    })),
  ),
  ...[
    { whose: 'an import', madeBy: undefined, left: '' },
    { whose: 'Ada', madeBy: 'ada', left: '' },
    { whose: 'the bot', madeBy: BOT, left: LONG.slice(0, 4_096) },
  ].map(({ whose, madeBy, left }) => ({
    name: `git is killed while it writes a file of ${whose}, and ${left === '' ? 'nothing' : 'a page'} of it is there`,
    first: left === '' ? FIRST : LONG,
    madeBy,
    past: (past: ToldPast) => past.by('ada', `${past.text.toString()}last of Ada\n`),
    write: left,
    byGit: true,
    git: [LONG],
    is: left === '' ? `«${FIRST}last of Ada\n→»` : `${left}«${LONG.slice(4_096)}last of Ada\n→»`,
    owners: ['ada'],
  })),
  {
    name: 'a tool empties a file in which Ada has a line',
    past: (past) => past.by('ada', `${FIRST}six of Ada\n`),
    write: '',
    git: [FIRST],
  },
  {
    name: 'git brings new text in the place of Ada’s',
    past: (past) => past.by('ada', FIRST.replace('two of all', 'two of Ada')),
    write: FIRST.replace('two of all', 'second by upstream'),
    byGit: true,
    git: [FIRST],
  },
  ...[
    { name: 'git does not say in time what it had', late: 'had', over: undefined },
    { name: 'git does not say in time what it brought text over', late: 'over', over: FIRST },
  ].flatMap(({ name, late, over }) =>
    [true, false].map((byGit) => ({
      name: `${name}, and ${byGit ? 'git' : 'another tool'} has written`,
      past: (past: ToldPast) => past.by('ada', `${FIRST}six of Ada\n`),
      write: FIRST.replace('two of all', 'two of somebody'),
      late: late as 'had' | 'over',
      byGit,
      over,
      ...(byGit && {
        is: `${FIRST.replace('two of all', 'two of somebody')}«six of Ada\n→»`,
        owners: ['ada'],
      }),
    })),
  ),
  {
    name: 'one line of Ada goes, which git never knew, and a pull brings what is new',
    past: (past) =>
      past.by('ada', `${FIRST}six of Ada\n`).by(BOT, `zero of the bot\n${FIRST}six of Ada\n`),
    write: `zero of the bot\n${FIRST.replace('two of all', 'two by upstream')}`,
    byGit: true,
    over: `zero of the bot\n${FIRST}`,
    is: `zero of the bot\n${FIRST.replace('two of all', 'two by upstream')}«six of Ada\n→»`,
    owners: ['ada'],
  },
  {
    name: 'a pull brings a commit that takes out a line of Ada, which git knew',
    past: (past) =>
      past.by('ada', `${FIRST}six of Ada\n`).by(BOT, `zero of the bot\n${FIRST}six of Ada\n`),
    write: `zero of the bot\n${FIRST.replace('two of all', 'two by upstream')}`,
    byGit: true,
    over: `zero of the bot\n${FIRST}six of Ada\n`,
  },
  {
    name: 'a pull brings the new text of a line that Ada wrote and git knew, and takes out her other one',
    past: (past) =>
      past
        .by('ada', `${FIRST.replace('two of all', 'two of Ada')}six of Ada\n`)
        .by(BOT, `zero of the bot\n${FIRST.replace('two of all', 'two of Ada')}six of Ada\n`),
    write: `zero of the bot\n${FIRST.replace('two of all', 'two by upstream')}`,
    byGit: true,
    over: `zero of the bot\n${FIRST.replace('two of all', 'two of Ada')}`,
    is: `zero of the bot\n${FIRST.replace('two of all', 'two by upstream')}«six of Ada\n→»`,
    owners: ['ada'],
  },
  {
    name: 'one of several equal lines goes, and which of them nobody can tell',
    first: 'x {\n  aa\n}\n\ny {\n  bb\n}\n',
    past: (past) => past.by('ada', 'x {\n  aa\n}\n\nz {\n  of Ada\n}\n\ny {\n  bb\n}\n'),
    write: 'x {\n  aa\n}\n\ny {\n  bb\n}\n',
    is: 'x {\n  aa\n}\n\n«z {\n  of Ada\n}\n\n→»y {\n  bb\n}\n',
    owners: ['ada'],
  },
];

for (const { name, past, first = FIRST, write, is, owners = [], madeBy, ...how } of cases) {
  test(`${is === undefined ? 'an edit' : 'a restoration'}: ${name}`, async () => {
    const told = past(new ToldPast(first, undefined, { madeBy }));
    const found = await told.writes(write, how);
    assert.equal(found && picture(told.text, found), is);
    assert.deepEqual([...(found?.owners ?? [])].sort(), owners);
    if (found) assert.equal(told.text.apply(found.changes).toString(), write);
  });
}

test('nothing is read of a file that is as it was made, and once of one that only the bot changed', async () => {
  const told = new ToldPast(FIRST);
  await told.writes('other\n');
  assert.equal(told.reads, 0);
  told.by(BOT, `${FIRST}six\n`);
  await told.writes(FIRST);
  const { reads } = told;
  await told.writes('other\n');
  assert.equal(told.reads, reads);
});
