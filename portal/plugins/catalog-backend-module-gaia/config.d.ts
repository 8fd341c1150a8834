import type { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';

export interface Config {
  gaia?: {
    catalog?: {
      /** How often Gaia is asked what is new; every 3 seconds if left out. */
      schedule?: SchedulerServiceTaskScheduleDefinitionConfig;
      /** Seconds after which the catalog is compared although nothing was told, for a push tells nothing; 300 if left out. */
      compareAfterSeconds?: number;
      /** The share of its entities that may go at once without anybody being asked, from 0 to 1; 0.2 if left out. */
      removalShare?: number;
      /** So few may go at once whatever their share is; 10 if left out. */
      removalLeast?: number;
      /** Agrees to one removal that is held back: the word that the log says. */
      confirmRemoval?: string;
    };
  };
}
