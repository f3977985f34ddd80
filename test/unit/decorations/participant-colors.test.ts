import assert from 'node:assert/strict';
import { test } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };

/** Backgrounds of VS Code's own themes of each kind, the one that is hardest to be read on. */
const BACKGROUNDS = {
  light: '#f3f3f3',
  dark: '#2d2d30',
  highContrast: '#000000',
  highContrastLight: '#ffffff',
} as const;

const names = manifest.contributes.colors.filter(({ id }) => /participant\d+$/.test(id));

test('the name of every participant can be read in every kind of theme', () => {
  assert.equal(names.length, 8);
  for (const { id, defaults } of names) {
    for (const [kind, background] of Object.entries(BACKGROUNDS)) {
      const ratio = contrast(defaults[kind as keyof typeof BACKGROUNDS], background);
      const least = kind.startsWith('highContrast') ? 7 : 4.2;
      assert.ok(ratio >= least, `${id} in ${kind}: ${ratio.toFixed(2)} of ${least}`);
    }
  }
});

test('no two participants have one colour', () => {
  for (const kind of Object.keys(BACKGROUNDS) as (keyof typeof BACKGROUNDS)[]) {
    assert.equal(new Set(names.map(({ defaults }) => defaults[kind])).size, names.length);
  }
});

/** As WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((index) => {
    const part = Number.parseInt(color.slice(index, index + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
