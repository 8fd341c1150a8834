// node --import ./without-install.mjs --test …: what needs nothing of Backstage is tested without installing it.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(name, context, next) {
    const ours = name === 'backstage-plugin-gaia-node';
    return ours ? next(new URL('plugins/gaia-node/src/index.ts', import.meta.url).href, context) : next(name, context);
  },
});
