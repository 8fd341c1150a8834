import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { gaiaOf } from 'backstage-plugin-gaia-node';
import { actionsOf } from './actions.ts';

/** Gives templates the actions `gaia:…`, which ask the platform of `gaia.baseUrl`. */
export const scaffolderModuleGaia = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'gaia',
  register(env) {
    env.registerInit({
      deps: { scaffolder: scaffolderActionsExtensionPoint, config: coreServices.rootConfig },
      async init({ scaffolder, config }) {
        scaffolder.addActions(...actionsOf(gaiaOf(config)));
      },
    });
  },
});
