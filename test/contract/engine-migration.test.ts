// What a database's module may be replaced by: without more, only when its clients are told to go, or
// never.
import { breakingMigrationRules } from '../../src/contract/rules-breaking-migration.ts';
import { migrationRules } from '../../src/contract/rules-migration.ts';
import { refusedMigrationRules } from '../../src/contract/rules-refused-migration.ts';
import { testRules } from './rule-tests.ts';

testRules([migrationRules, breakingMigrationRules, refusedMigrationRules]);
