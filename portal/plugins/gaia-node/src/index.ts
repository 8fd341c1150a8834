/** How the backend modules for Backstage speak to Gaia. */
export { Gaia, gaiaOf } from './calling.ts';
export type { Answer, Call, GaiaOptions } from './calling.ts';
export { GaiaError, problemOf, visible } from './errors.ts';
