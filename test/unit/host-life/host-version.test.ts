import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isHostVersion, isNewerVersion } from '../../../src/host/host-version.ts';

describe('the order of versions', () => {
  // The example of semver.org, section 11, and around it.
  const ascending = [
    '0.9.10',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '2.0.0',
  ];

  it('is that of semantic versioning, both ways', () => {
    for (const [place, version] of ascending.entries()) {
      for (const [otherPlace, other] of ascending.entries()) {
        assert.equal(isNewerVersion(version, other), place > otherPlace, `${version} ${other}`);
      }
    }
  });

  it('ignores build metadata, so that two builds never replace each other in turn', () => {
    assert.equal(isNewerVersion('1.0.0+b', '1.0.0+a'), false);
    assert.equal(isNewerVersion('1.0.0+a', '1.0.0+b'), false);
  });

  it('never calls each of two versions the newer', () => {
    const identifier = fc.oneof(fc.nat(12).map(String), fc.constantFrom('a', 'B', 'x-1'));
    const prerelease = fc.array(identifier, { maxLength: 3 }).map((parts) => parts.join('.'));
    const version = fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(3), prerelease)
      .map(([a, b, c, pre]) => `${a}.${b}.${c}${pre === '' ? '' : `-${pre}`}`);
    fc.assert(
      fc.property(version, version, (left, right) => {
        assert.ok(isHostVersion(left));
        const newer = [isNewerVersion(left, right), isNewerVersion(right, left)];
        assert.equal(newer.filter(Boolean).length, left === right ? 0 : 1);
      }),
    );
  });

  it('knows a version from anything else', () => {
    for (const text of ['', '1', '1.2', 'v1.2.3', '1.2.3 ', '1.2.3\n', '1.2.3-', '1.2.-3']) {
      assert.equal(isHostVersion(text), false, JSON.stringify(text));
    }
  });
});
