/** Everything that Gaia looks after, in Backstage's catalog. */
export { catalogModuleGaia as default } from './module.ts';
export { GaiaEntityProvider } from './provider.ts';
export type { Parts, Settings } from './provider.ts';
