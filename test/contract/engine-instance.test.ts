// What a module finds in its global object, and how long that lasts.
import { globalRules } from '../../src/contract/rules-globals.ts';
import { instanceRules } from '../../src/contract/rules-instances.ts';
import { testRules } from './rule-tests.ts';

testRules([globalRules, instanceRules]);
