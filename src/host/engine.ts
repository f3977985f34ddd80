/** The databases of one host. */
// eslint-disable-next-line typescript/no-empty-interface
export interface Engine {}
