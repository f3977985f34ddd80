import { breakingMigrationRules } from './rules-breaking-migration.ts';
import { connectionRules } from './rules-connections.ts';
import { databaseRules } from './rules-databases.ts';
import { globalRules } from './rules-globals.ts';
import { httpCallRules, routeRules } from './rules-http.ts';
import { instanceRules } from './rules-instances.ts';
import { limitRules } from './rules-limits.ts';
import { loadingRules } from './rules-loading.ts';
import { migrationRules } from './rules-migration.ts';
import { queryRules } from './rules-queries.ts';
import { reducerRules } from './rules-reducers.ts';
import { refusedMigrationRules } from './rules-refused-migration.ts';
import { scheduleRules } from './rules-schedules.ts';
import { subscriptionRules } from './rules-subscriptions.ts';
import type { RuleGroup } from './rule.ts';

/**
 * What our module and our clients rely on of an engine. The contract tests and `agent-world doctor
 * --server` check this list and no other.
 */
export const ENGINE_RULES: readonly RuleGroup[] = [
  connectionRules,
  reducerRules,
  subscriptionRules,
  queryRules,
  scheduleRules,
  httpCallRules,
  routeRules,
  databaseRules,
  loadingRules,
  globalRules,
  instanceRules,
  migrationRules,
  breakingMigrationRules,
  refusedMigrationRules,
  limitRules,
];
