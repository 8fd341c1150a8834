// A whole Backstage backend: sign-in, catalog, software templates, and what Gaia adds to the two.
// Node runs this file as it stands; there is no build.
import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();
const add = (loaded: Promise<any>) => backend.add(loaded.then(({ default: found }) => ({ default: found.default ?? found })));

add(import('@backstage/plugin-auth-backend'));
add(import('@backstage/plugin-auth-backend-module-guest-provider'));
add(import('@backstage/plugin-auth-backend-module-github-provider'));
add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
add(import('@backstage/plugin-catalog-backend'));
add(import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'));
add(import('@backstage/plugin-scaffolder-backend'));
add(import('backstage-plugin-catalog-backend-module-gaia'));
add(import('backstage-plugin-scaffolder-backend-module-gaia'));

await backend.start();
