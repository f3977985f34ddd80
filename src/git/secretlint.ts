/** The finder of secrets, in one file that is large and loaded only where a commit is made. */
export { lintSource } from '@secretlint/core';
export { creator } from '@secretlint/secretlint-rule-preset-recommend';
