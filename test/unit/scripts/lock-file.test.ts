import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly extraneous?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

for (const file of ['package-lock.json', 'bench/package-lock.json']) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(projectRoot, file), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };

  // npm leaves out what the registry at hand does not have, and then refuses to install anywhere.
  test(`${file} names every package that another one wants, for every platform`, () => {
    const missing = Object.entries(packages).flatMap(([location, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !isFound(packages, location, name))
        .map((name) => `${name}, wanted by ${location || 'the project'}`),
    );
    assert.deepEqual(missing, []);
  });

  test(`${file} gives every package a version and none a place of its own`, () => {
    const wrong = Object.entries(packages)
      .filter(([location]) => location !== '')
      .filter(([, { version, resolved, extraneous }]) => !version || resolved || extraneous)
      .map(([location]) => location);
    assert.deepEqual(wrong, []);
  });
}

/** Looks as Node does: in the package's own folder of packages, then in those around it. */
function isFound(
  packages: Readonly<Record<string, LockedPackage>>,
  location: string,
  name: string,
): boolean {
  for (
    let folder = location;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
  ) {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (packages[`${prefix}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}
