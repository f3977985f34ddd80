// Writes src/core/unicode-VERSION.ts: what folding a path needs to know of Unicode, as the runtime has it.
//   node scripts/unicode-table.mjs 17     refused by a runtime that has another version
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say } from './setup/progress.mjs';

const LAST = 0x10ffff;
/** Marks that do not compose with anything: of the lowest and of the highest place. */
const LOWEST = '\u0334';
const HIGHEST = '\u0345';

/** Syllables are made of their parts by a rule. */
const HANGUL = { first: 0xac00, last: 0xd7a3 };

await runMain(async () => {
  const version = process.argv[2] ?? '';
  const found = Number.parseInt(process.versions['unicode'] ?? '', 10);
  if (Number(version) !== found) {
    say(
      `This runtime has Unicode ${process.versions['unicode']}: give its number, or use another runtime.`,
    );
    return 1;
  }
  const file = path.join(projectRoot, 'src/core', `unicode-${version}.ts`);
  fs.writeFileSync(file, source(found));
  say(`${file}: ${fs.statSync(file).size} bytes`);
  return 0;
});

function source(/** @type {number} */ version) {
  const tables = {
    ignorable: ranges((text) => /^\p{Default_Ignorable_Code_Point}$/u.test(text)),
    cased: ranges((text) => /^\p{Cased}$/u.test(text)),
    caseIgnorable: ranges((text) => /^\p{Case_Ignorable}$/u.test(text)),
    upper: mappings((text) => text.toUpperCase()),
    lower: mappings((text) => text.toLowerCase()),
    decomposed: mappings((text) => (isWhole(text) ? text : text.normalize('NFD'))),
    composed: compositions(),
    order: orders(),
  };
  const lines = Object.entries(tables).map(([name, text]) => `  ${name}: '${text}',`);
  return `import type { UnicodeTable } from './unicode-table.ts';

/** Unicode ${version}.0. Written by scripts/unicode-table.mjs; \`unicode-table.ts\` says how to read it. */
export const UNICODE_${version}: UnicodeTable = {
${lines.join('\n')}
};
`;
}

/** Code points that have a character, halves of pairs and syllables made by rule left out. */
function* characters() {
  for (let point = 0x80; point <= LAST; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    if (point >= HANGUL.first && point <= HANGUL.last) continue;
    yield { point, text: String.fromCodePoint(point) };
  }
}

/** Of the first 128 too, where they have the property: the first code and the length of each range. */
function ranges(/** @type {(text: string) => boolean} */ has) {
  /** @type {[number, number][]} */
  const found = [];
  for (let point = 0; point <= LAST; point++) {
    if ((point >= 0xd800 && point <= 0xdfff) || !has(String.fromCodePoint(point))) continue;
    const last = found.at(-1);
    if (last && last[0] + last[1] === point) last[1] += 1;
    else found.push([point, 1]);
  }
  return runs(found.map(([first, length]) => [first, length]));
}

/** Runs of neighbours that all move by the same distance, and single ones with the points they become. */
function mappings(/** @type {(text: string) => string} */ map) {
  /** @type {{ first: number, count: number, step: number, by: number }[]} */
  const moved = [];
  /** @type {string[]} */
  const single = [];
  let before = 0;
  for (const { point, text } of characters()) {
    const points = pointsOf(map(text));
    if (points.length === 1 && points[0] === point) continue;
    const by = (points[0] ?? 0) - point;
    const last = moved.at(-1);
    if (points.length !== 1) {
      single.push([point - before, ...points].map(coded).join('.'));
      before = point;
    } else if (last && last.by === by && fits(last, point)) {
      last.step = point - last.first - last.step * (last.count - 1);
      last.count += 1;
    } else {
      moved.push({ first: point, count: 1, step: 1, by });
    }
  }
  const numbers = moved.map(({ first, count, step, by }) => [first, count, step, by]);
  return `${runs(numbers)}|${single.join(' ')}`;
}

/** A run has every code point, or every second one. */
function fits(
  /** @type {{ first: number, count: number, step: number }} */ run,
  /** @type {number} */ point,
) {
  const end = run.first + run.step * (run.count - 1);
  const gap = point - end;
  return run.count === 1 ? gap === 1 || gap === 2 : gap === run.step;
}

/** What is taken apart into a pair, and put together again. */
function isWhole(/** @type {string} */ text) {
  return text.normalize('NFD') !== text && text.normalize('NFC') === text;
}

/** Pairs that become one: the first, the second and what they become. */
function compositions() {
  const found = [];
  for (const { point, text } of characters()) {
    if (!isWhole(text)) continue;
    const parts = pointsOf(text.normalize('NFD'));
    const second = parts.at(-1) ?? 0;
    const first = pointsOf(String.fromCodePoint(...parts.slice(0, -1)).normalize('NFC'));
    if (first.length !== 1) throw new Error(`${point} is made of more than a pair`);
    found.push([first[0] ?? 0, second, point]);
  }
  return found.map((triple) => triple.map(coded).join('.')).join(' ');
}

/** In which order marks stand behind a letter: ranges of the same place in it, from 1. */
function orders() {
  const marks = [...characters()].filter(
    ({ text }) => isMoved(text, LOWEST) || isMoved(HIGHEST, text),
  );
  /** @type {string[]} one mark of each place, in order */
  const places = [];
  for (const { text } of marks) {
    if (places.some((place) => !isMoved(place, text) && !isMoved(text, place))) continue;
    const at = places.findIndex((place) => isMoved(place, text));
    places.splice(at < 0 ? places.length : at, 0, text);
  }
  /** @type {[number, number, number][]} */
  const found = [];
  for (const { point, text } of marks) {
    const place = 1 + places.findIndex((each) => !isMoved(each, text) && !isMoved(text, each));
    const last = found.at(-1);
    if (last && last[0] + last[1] === point && last[2] === place) last[1] += 1;
    else found.push([point, 1, place]);
  }
  return runs(found);
}

/** True when the second of two marks goes before the first. */
function isMoved(/** @type {string} */ first, /** @type {string} */ second) {
  const [one, other] = [first.normalize('NFD'), second.normalize('NFD')];
  if (one !== first || other !== second) return false;
  return first !== second && (first + second).normalize('NFD') === second + first;
}

/** Each number list on its own; the first number as its distance from the one before. */
function runs(/** @type {readonly (readonly number[])[]} */ lists) {
  let before = 0;
  return lists
    .map(([first = 0, ...more]) => {
      const text = [first - before, ...more].map(coded).join('.');
      before = first;
      return text;
    })
    .join(' ');
}

function pointsOf(/** @type {string} */ text) {
  return Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

function coded(/** @type {number} */ number) {
  return number.toString(36);
}
