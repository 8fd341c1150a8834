import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
  type AuthService,
  type RootConfigService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { catalogProcessingExtensionPoint, catalogServiceRef, type CatalogService } from '@backstage/plugin-catalog-node';
import { gaiaOf } from 'backstage-plugin-gaia-node';
import { GaiaEntityProvider, PROVIDED, type Settings } from './provider.ts';

/** Gives Backstage's catalog what `gaia.baseUrl` looks after. */
export const catalogModuleGaia = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'gaia',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, lifecycle, logger, processing, scheduler }) {
        const provider = new GaiaEntityProvider({
          gaia: gaiaOf(config),
          logger,
          settings: () => settingsOf(config),
          present: () => presentIn(catalog, auth),
        });
        settingsOf(config); // what is missing is said at the start
        processing.addEntityProvider(provider);
        const schedule = config.has('gaia.catalog.schedule')
          ? readSchedulerServiceTaskScheduleDefinitionFromConfig(config.getConfig('gaia.catalog.schedule'))
          : { frequency: { seconds: 3 }, timeout: { minutes: 5 } };
        const runner = scheduler.createScheduledTaskRunner({ ...schedule, scope: 'local' });
        lifecycle.addStartupHook(() => provider.follow(runner));
      },
    });
  },
});

function settingsOf(config: RootConfigService): Settings {
  return {
    token: config.getString('gaia.token'),
    compareAfterSeconds: config.getOptionalNumber('gaia.catalog.compareAfterSeconds') ?? 300,
    share: config.getOptionalNumber('gaia.catalog.removalShare') ?? 0.2,
    least: config.getOptionalNumber('gaia.catalog.removalLeast') ?? 10,
    confirmed: config.getOptionalString('gaia.catalog.confirmRemoval'),
  };
}

/** A restart must not forget what it gave: what would go is compared with what the catalog holds. */
async function presentIn(catalog: CatalogService, auth: AuthService): Promise<string[]> {
  const credentials = await auth.getOwnServiceCredentials();
  const fields = ['kind', 'metadata.name', 'metadata.namespace'];
  const found: string[] = [];
  const filter = { [`metadata.annotations.${PROVIDED}`]: 'gaia' };
  for await (const page of catalog.streamEntities({ filter, fields }, { credentials })) {
    found.push(...page.map(one => stringifyEntityRef(one)));
  }
  return found;
}
