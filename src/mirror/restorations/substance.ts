/**
 * What of a text is more than its form. Formatters move white space, quotes, commas, semicolons and
 * parentheses; whoever undoes only those undoes nobody's work.
 */
export function substanceOf(text: string): string {
  return text.replace(/[\s'"`,;()]/gu, '');
}
