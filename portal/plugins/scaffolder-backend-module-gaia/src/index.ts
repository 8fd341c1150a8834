/** Ask Gaia for services from Backstage's templates. */
export { scaffolderModuleGaia as default } from './module.ts';
export { actionsOf } from './actions.ts';
